"""Random keys of a day, under which limits hash addresses and networks.

A key expires with its limits. Without it the hashes reveal no address and no network, even to a
reader with all other keys.
"""

import hashlib
import hmac
import os
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch
from chalicelib.store.dynamodb.table import Table

RETENTION: Final = timedelta(days=2)
"""The lifetime of a key and of the mail quotas under it."""


def get_key(table: Table, day: date, *, now: datetime) -> bytes:
    """Q16: the random 32-byte key of a day. The first caller makes it."""
    key = keys.limit_key(day)
    item = table.find(key)
    if item is None:
        new_key = os.urandom(32)
        try:
            table.add(key, {"key": new_key, keys.EXPIRES_AT: to_epoch(now + RETENTION)})
        except ConditionFailed as failed:
            item = failed.item or {}
        else:
            return new_key
    return bytes(item["key"])


def keyed_hash(key: bytes, text: str) -> str:
    """The keyed hash of an address or a network in the key of a limit."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()
