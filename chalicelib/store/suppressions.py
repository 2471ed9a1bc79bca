"""Suppressions, in the table of subscribers: blind indexes of addresses that are never mailed."""

from collections import Counter
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


def count_by_root_key(table: Table) -> Counter[int]:
    """Q24: the number of suppressions under each root key, by its id."""
    return Counter(
        int(item[keys.SK][:2], 16)
        for shard in keys.SHARDS
        for item in table.items_of(keys.suppressions(shard), attributes=(keys.SK,))
    )


def delete(table: Table, index: str) -> None:
    """Q17: delete a suppression, whether or not it exists."""
    table.delete(keys.suppression(index))
