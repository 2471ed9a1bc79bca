"""Links to the files of exports, each for some minutes, in the table of organisers.

A link is made by the exporter, which alone may read the bucket. Who has it can fetch the file
without a password; the file is sealed.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.store import desk_keys, keys
from chalicelib.store.dynamodb.items import is_live, to_epoch, to_moment
from chalicelib.store.dynamodb.table import Table


@dataclass(frozen=True, kw_only=True)
class ExportLink:
    """A link to the file of an export, and when it ends (aware UTC)."""

    url: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "ExportLink(…)"


def save(table: Table, slug: str, job_id: str, organiser_id: str, link: ExportLink) -> None:
    """Q52: store an organiser's link to a file, in place of an older one. Safe to repeat."""
    table.put(
        desk_keys.export_link(slug, job_id, organiser_id),
        {"url": link.url, keys.EXPIRES_AT: to_epoch(link.expires_at)},
    )


def find(
    table: Table, slug: str, job_id: str, organiser_id: str, *, now: datetime
) -> ExportLink | None:
    """Q52: an organiser's link to the file of an export while it works, or None."""
    item = table.find(desk_keys.export_link(slug, job_id, organiser_id), consistent=True)
    if item is None or not is_live(item, now):
        return None
    return ExportLink(url=item["url"], expires_at=to_moment(1000 * item[keys.EXPIRES_AT]))
