"""Addresses of organisers to which tests may be mailed, as keyed hashes that expire."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.store import keys
from chalicelib.store.dynamodb.items import is_live, to_epoch
from chalicelib.store.dynamodb.table import Table


def exists(table: Table, hashes: Iterable[str], *, now: datetime) -> bool:
    """Q37: whether an address is known under one of its hashes."""
    items = [table.find(keys.test_address(each), consistent=True) for each in hashes]
    return any(item is not None and is_live(item, now) for item in items)


def save(table: Table, address_hash: str, *, expires_at: datetime) -> None:
    """Q37: remember an address until `expires_at`."""
    table.put(keys.test_address(address_hash), {keys.EXPIRES_AT: to_epoch(expires_at)})
