"""Which updates of a petition have a draft, in the table of organisers.

The draft itself is kept as that of a petition is (`drafts.py`), under the update's id.
"""

from collections.abc import Mapping

from chalicelib.store import desk_keys
from chalicelib.store.dynamodb import partitions
from chalicelib.store.dynamodb.table import Table


def save(table: Table, slug: str, name: str, title: str) -> None:
    """Q54: note that an update has a draft, with a title for lists. Safe to repeat."""
    table.put(desk_keys.update_draft(slug, name), {"title": title})


def list_titles(table: Table, slug: str) -> Mapping[str, str]:
    """Q54: the titles for lists of the updates that have a draft, by name."""
    items = table.items_of(desk_keys.update_drafts(slug), consistent=True)
    return {item["sk"]: item["title"] for item in items}


def delete(table: Table, slug: str, name: str) -> None:
    """Q48, Q54: delete the draft of an update with its versions. Safe to repeat."""
    partitions.empty(table, desk_keys.drafts(f"{slug}/{name}"))
    # Last: until then it says where the versions are.
    table.delete(desk_keys.update_draft(slug, name))
