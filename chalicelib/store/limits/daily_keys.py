"""Keys of a day, under which limits hash addresses and networks.

A key is made from a pepper, which is in Parameter Store, and from a random value of the day, which
is in the table and expires with its limits. The table without the pepper reveals no address and no
network. The pepper without the value reveals none either, once the value has expired.
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
"""The lifetime of a value and of the mail quotas under it."""


def get_value(table: Table, day: date, *, now: datetime) -> bytes:
    """Q16: the random 32-byte value of a day. The first caller makes it."""
    key = keys.limit_value(day)
    item = table.find(key)
    if item is None:
        new_value = os.urandom(32)
        try:
            table.add(key, {"value": new_value, keys.EXPIRES_AT: to_epoch(now + RETENTION)})
        except ConditionFailed as failed:
            item = failed.item or {}
        else:
            return new_value
    return bytes(item["value"])


def peppered(pepper: bytes, value: bytes) -> bytes:
    """The key of a day: 32 bytes."""
    return hmac.digest(pepper, b"zaklik/limits/1/" + value, hashlib.sha256)


def keyed_hash(key: bytes, text: str) -> str:
    """The keyed hash of an address or a network in the key of a limit."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()
