"""The salts of petitions, from which the keys of their blind indexes are derived.

They are in the table of limits, which has no recovery, backup or stream: a deleted salt is gone.
"""

import os
from dataclasses import dataclass

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table

SALT_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class IndexSalt:
    """The random salt of a petition, and the id of the root key that it is used with."""

    key_id: int
    salt: bytes

    def __repr__(self) -> str:
        return "IndexSalt(…)"


def get(table: Table, slug: str, *, key_id: int) -> IndexSalt:
    """Q22: the salt of a petition. The first caller makes it, for the root key `key_id`."""
    key = keys.index_salt(slug)
    item = table.find(key, consistent=True)
    if item is None:
        new: Item = {"key_id": key_id, "salt": os.urandom(SALT_BYTES)}
        try:
            table.add(key, new)
        except ConditionFailed as failed:
            item = failed.item or {}
        else:
            item = new
    return IndexSalt(key_id=int(item["key_id"]), salt=bytes(item["salt"]))


def list_all(table: Table) -> dict[str, int]:
    """Q23: the id of the root key of each petition, by slug."""
    items = table.items_of(keys.INDEX_SALTS, attributes=(keys.SK, "key_id"))
    return {item[keys.SK]: int(item["key_id"]) for item in items}
