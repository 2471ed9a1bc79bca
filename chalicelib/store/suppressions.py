"""Suppressions, in the table of subscribers: blind indexes of addresses that are never mailed."""

from datetime import datetime

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table


def add(table: Table, index: str, *, now: datetime) -> bool:
    """Q17: suppress an address. False if it was suppressed before."""
    try:
        table.add(keys.suppression(index), {"blocked_on": now.date().isoformat()})
    except ConditionFailed:
        return False
    return True


def delete(table: Table, index: str) -> None:
    """Q17: delete a suppression, whether or not it exists."""
    table.delete(keys.suppression(index))
