"""Deletes what the desk keeps of a petition: all but its people, its trail and its destruction."""

from collections.abc import Iterator, Sequence

from chalicelib.store import desk_keys
from chalicelib.store.dynamodb import partitions
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import PK
from chalicelib.store.organisers import update_drafts


def delete_all(table: Table, slug: str, *, job_ids: Sequence[str]) -> None:
    """Q39, Q48, Q51 to Q54: delete drafts, key file, approvals, links to lists, and these jobs.

    Safe to repeat. Raises Unavailable.
    """
    for pk in _partitions(table, slug):
        partitions.empty(table, pk)
    partitions.delete_all(table, desk_keys.job_partition(slug), job_ids)


def _partitions(table: Table, slug: str) -> Iterator[str]:
    """The names of drafts come last: until then they say where the drafts of updates are."""
    for name in update_drafts.list_titles(table, slug):
        yield desk_keys.drafts(f"{slug}/{name}")
    yield desk_keys.drafts(slug)
    yield desk_keys.petition_key_file(slug)[PK]
    yield desk_keys.approvals(slug)
    yield desk_keys.export_links(slug)
    yield desk_keys.update_drafts(slug)
