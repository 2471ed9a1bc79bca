"""Mailed links of organisers, in the table of organisers: one for each, the newest."""

from chalicelib.domain.organisers.organiser import DeskLink, LinkKind
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.keys import EXPIRES_AT


def saving(link: DeskLink) -> Write:
    """Q46: the write that stores a link in place of any other of the organiser."""
    return Write(
        key=desk_keys.desk_link(link.organiser_id),
        item={
            "hash": link.hash,
            "kind": link.kind,
            "slug": link.slug,
            "needs_code": link.needs_code,
            "ends_at": to_milliseconds(link.expires_at),
            "tries": link.tries,
            EXPIRES_AT: to_epoch(link.expires_at),
        },
    )


def find(table: Table, organiser_id: str) -> DeskLink | None:
    """Q46: the newest link of an organiser, also one that is over, or None."""
    item = table.find(desk_keys.desk_link(organiser_id), consistent=True)
    return _link(organiser_id, item) if item else None


def using(link: DeskLink) -> Write:
    """Q46: the write that uses a link up. Its condition: nobody has used or replaced it."""
    return Write(
        key=desk_keys.desk_link(link.organiser_id),
        condition="#hash = :hash AND tries = :tries",
        names={"#hash": "hash"},
        values={":hash": link.hash, ":tries": link.tries},
    )


def mark_tried(table: Table, link: DeskLink) -> bool:
    """Q46: count a wrong code, before anybody is told. False if the link has changed meanwhile."""
    try:
        table.update(
            desk_keys.desk_link(link.organiser_id),
            "ADD tries :one",
            condition="#hash = :hash AND tries = :tries",
            names={"#hash": "hash"},
            values={":hash": link.hash, ":tries": link.tries, ":one": 1},
        )
    except ConditionFailed:
        return False
    return True


def _link(organiser_id: str, item: Item) -> DeskLink:
    return DeskLink(
        organiser_id=organiser_id,
        hash=item["hash"],
        kind=LinkKind(item["kind"]),
        slug=item["slug"],
        needs_code=item["needs_code"],
        expires_at=to_moment(item["ends_at"]),
        tries=item["tries"],
    )
