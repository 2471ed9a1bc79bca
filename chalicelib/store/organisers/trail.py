"""Trails of petitions, in the table of organisers: lines are added, never changed or deleted."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers import trail
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.trail import MAX_DETAIL_CHARACTERS, NO_LINE, TrailEntry
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import SK

_MAX_ATTEMPTS: Final = 20
"""Others may add a line between the read of the last one and our write, each time."""


def append(
    table: Table,
    slug: str,
    *,
    actor: Actor,
    act: str,
    detail: str = "",
    refused: bool = False,
    now: datetime,
) -> TrailEntry:
    """Q38: add a line to a trail, after the last one. Raises Unavailable."""
    line = TrailEntry(
        slug=slug,
        number=1,
        id=secrets.token_hex(8),
        # What is hashed is what is stored: to the millisecond.
        at=to_moment(to_milliseconds(now)),
        actor=actor,
        act=act,
        detail=detail[:MAX_DETAIL_CHARACTERS],
        refused=refused,
        previous=NO_LINE,
    )
    for _ in range(_MAX_ATTEMPTS):
        last = find_last(table, slug)
        if last is not None:
            line = replace(line, number=last.number + 1, previous=last.hash)
        line = replace(line, hash=trail.chained(replace(line, hash="")))
        try:
            table.add(desk_keys.trail_line(slug, line.number), _to_item(line))
        except ConditionFailed as failed:
            if failed.item and failed.item["hash"] == line.hash:
                # The answer to our first attempt was lost.
                return line
            continue
        return line
    raise Unavailable


def find_last(table: Table, slug: str) -> TrailEntry | None:
    """Q38: the last line of a trail, or None."""
    items, _ = table.page_of(desk_keys.trail(slug), limit=1, backwards=True, consistent=True)
    return _from_item(slug, items[0]) if items else None


def page_of(
    table: Table, slug: str, *, before: int | None = None, limit: int = 500
) -> tuple[list[TrailEntry], int | None]:
    """Q38: up to `limit` lines, the newest first, and the number before which the next page ends.

    None at the beginning of the trail.
    """
    cursor = None if before is None else desk_keys.trail_line(slug, before)[SK]
    items, last = table.page_of(
        desk_keys.trail(slug), after=cursor, limit=limit, backwards=True, consistent=True
    )
    return [_from_item(slug, item) for item in items], None if last is None else int(last)


def all_of(table: Table, slug: str) -> Iterator[TrailEntry]:
    """Q38: every line of a trail, the first one first."""
    for item in table.items_of(desk_keys.trail(slug), consistent=True):
        yield _from_item(slug, item)


def _to_item(line: TrailEntry) -> Item:
    return {
        "id": line.id,
        "at": to_milliseconds(line.at),
        "actor_id": line.actor.id,
        "actor_name": line.actor.name,
        "act": line.act,
        "detail": line.detail,
        "refused": line.refused,
        "previous": line.previous,
        "hash": line.hash,
    }


def _from_item(slug: str, item: Item) -> TrailEntry:
    return TrailEntry(
        slug=slug,
        number=int(item[SK]),
        id=item["id"],
        at=to_moment(item["at"]),
        actor=Actor(id=item["actor_id"], name=item["actor_name"]),
        act=item["act"],
        detail=item["detail"],
        refused=item["refused"],
        previous=item["previous"],
        hash=item["hash"],
    )
