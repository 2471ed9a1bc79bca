"""Suppressions, in the table of subscribers: blind indexes of addresses that are never mailed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table, find_across


def add(table: Table, index: str, *, now: datetime) -> bool:
    """Q17: suppress an address. False if it was suppressed before."""
    try:
        table.put(
            keys.suppression(index),
            {"blocked_on": now.date().isoformat()},
            condition="attribute_not_exists(pk)",
            return_old=False,
        )
    except ConditionFailed:
        return False
    return True


def days_of(table: Table, indexes: Sequence[str]) -> dict[str, date]:
    """Q17: since which day (UTC) each of these addresses is suppressed, if it is."""
    items = find_across(
        [(table, keys.suppression(index)) for index in indexes],
        attributes={table.name: (keys.PK, keys.SK, "blocked_on")},
    )
    return {
        item[keys.SK]: date.fromisoformat(item["blocked_on"]) for item in items if item is not None
    }


def delete(table: Table, index: str, *, blocked_on: date) -> bool:
    """Q17: delete a suppression of that day (UTC). False if there is none."""
    try:
        table.delete(
            keys.suppression(index),
            condition="blocked_on = :blocked_on",
            values={":blocked_on": blocked_on.isoformat()},
        )
    except ConditionFailed:
        return False
    return True


def count_by_root_key(table: Table) -> Counter[int]:
    """Q26: the number of suppressions under each root key, by its id."""
    return Counter(
        int(item[keys.SK][:2], 16)
        for shard in keys.SHARDS
        for item in table.items_of(keys.suppressions(shard), attributes=(keys.SK,))
    )
