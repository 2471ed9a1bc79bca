"""Deletes partitions without reading more than their keys."""

from collections.abc import Sequence
from typing import Final

from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.keys import PK, SK

_MAX_DELETED: Final = 100
"""Writes of one transaction (DynamoDB's quotas)."""
_MAX_DELETED_OF_ANY_SIZE: Final = 4 * 1024 * 1024 // MAX_ITEM_BYTES
"""The items of a transaction have 4 MB together (the same)."""
_PAGE: Final = 1000


def page_of_keys(
    table: Table, pk: str, *, after: str | None = None, limit: int
) -> tuple[Sequence[str], str | None]:
    """Up to `limit` sort keys of a partition, and the next cursor, None at the end."""
    items, cursor = table.page_of(
        pk, after=after, limit=limit, attributes=(PK, SK), consistent=True
    )
    return [item[SK] for item in items], cursor


def delete_all(
    table: Table, pk: str, sort_keys: Sequence[str], *, at_once: int = _MAX_DELETED
) -> None:
    """Delete these items of a partition, which are small. Safe to repeat. Raises Unavailable.

    In transactions, which IAM checks as single deletions; a batch would need the right to put.
    """
    for start in range(0, len(sort_keys), at_once):
        part = sort_keys[start : start + at_once]
        table.transact([Write(key={PK: pk, SK: sort_key}) for sort_key in part])


def empty(table: Table, pk: str) -> None:
    """Delete every item of a partition, of any size. Safe to repeat. Raises Unavailable."""
    cursor: str | None = None
    while True:
        found, cursor = page_of_keys(table, pk, after=cursor, limit=_PAGE)
        delete_all(table, pk, found, at_once=_MAX_DELETED_OF_ANY_SIZE)
        if cursor is None:
            return
