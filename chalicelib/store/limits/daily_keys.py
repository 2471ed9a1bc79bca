"""Random keys of a day, under which limits hash addresses and networks.

A key expires with its limits. What is left of them then says nothing about an address or a
network, even to a reader who holds all other keys.
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
"""How long a key of a day and its limits live."""


def get_key(table: Table, day: date, *, now: datetime) -> bytes:
    """Q16: the random 32-byte key of a day, made by whoever asks first."""
    key = keys.limit_key(day)
    item = table.find(key)
    if item is None:
        made = os.urandom(32)
        try:
            table.add(key, {"key": made, keys.EXPIRES_AT: to_epoch(now + RETENTION)})
        except ConditionFailed as taken:
            item = taken.item or {}
        else:
            return made
    return bytes(item["key"])


def keyed_hash(key: bytes, text: str) -> str:
    """What stands in a limit's key for an address or a network."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()
