"""The salts of petitions, from which the keys of their blind indexes are derived.

They are in the table of limits, which has no recovery, backup or stream: a deleted salt is gone.
Where the data of a petition was destroyed, its item stays, without a salt: none is made again.
"""

import os
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import DataDestroyed
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds
from chalicelib.store.dynamodb.table import Table

SALT_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class IndexSalt:
    """The random salt of a petition, and the id of the root key that it is used with."""

    key_id: int
    salt: bytes

    def __repr__(self) -> str:
        return "IndexSalt(…)"


def find(table: Table, slug: str) -> IndexSalt | None:
    """Q22: the salt of a petition. None if it has neither signatures nor subscribers.

    Raises DataDestroyed.
    """
    item = table.find(keys.index_salt(slug), consistent=True)
    return None if item is None else _salt(item)


def exists(table: Table, slug: str) -> bool:
    """Q30: whether anybody has filled in a form of the petition; the salt itself is not read."""
    key = keys.index_salt(slug)
    return table.find_some(key, (keys.PK, keys.SK), consistent=True) is not None


def get(table: Table, slug: str, *, key_id: int) -> IndexSalt:
    """Q22: the salt of a petition. The first caller makes it, for the root key `key_id`.

    Raises DataDestroyed.
    """
    salt = find(table, slug)
    if salt is not None:
        return salt
    new: Item = {"key_id": key_id, "salt": os.urandom(SALT_BYTES)}
    try:
        table.add(keys.index_salt(slug), new)
    except ConditionFailed as failed:
        return _salt(failed.item or {})
    return _salt(new)


def mark_destroyed(table: Table, slug: str, *, now: datetime) -> None:
    """Q22: delete the salt of a petition for good. Safe to repeat: the first moment stands."""
    table.update(
        keys.index_salt(slug),
        "SET destroyed_at = if_not_exists(destroyed_at, :now) REMOVE salt, key_id",
        values={":now": to_milliseconds(now)},
        return_values=False,
    )


def list_all(table: Table) -> dict[str, int]:
    """Q23: the id of the root key of each petition, by slug."""
    items = table.items_of(keys.INDEX_SALTS, attributes=(keys.SK, "key_id"))
    return {item[keys.SK]: int(item["key_id"]) for item in items if "key_id" in item}


def _salt(item: Item) -> IndexSalt:
    if "destroyed_at" in item:
        raise DataDestroyed
    return IndexSalt(key_id=int(item["key_id"]), salt=bytes(item["salt"]))
