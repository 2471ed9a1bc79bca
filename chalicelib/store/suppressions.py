"""Addresses that are never mailed, in the table of subscribers: blind indexes and nothing else."""

from datetime import datetime

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds
from chalicelib.store.dynamodb.table import Table


def add(table: Table, index: str, *, now: datetime) -> bool:
    """Block an address for good. False if it was blocked before."""
    try:
        table.add(keys.suppression(index), {"blocked_at": to_milliseconds(now)})
    except ConditionFailed:
        return False
    return True


def delete(table: Table, index: str) -> None:
    """Let an address be mailed again, whether or not it was blocked."""
    table.delete(keys.suppression(index))
