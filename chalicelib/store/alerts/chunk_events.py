"""What SES has reported about the recipients of chunks, in the table of petitions.

Each kind of event is a set of positions, to which a write only adds: events may come twice and in
any order. They are in an item beside the chunk, so that they never race with its claim.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.alerts.chunk import RETENTION
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, is_live, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table


@dataclass(frozen=True, kw_only=True)
class ChunkEvents:
    """The positions of a chunk with an event of each kind, and when the last write added some."""

    positions: Mapping[EventKind, frozenset[int]]
    changed_at: datetime

    def of(self, kind: EventKind) -> frozenset[int]:
        """The positions with an event of this kind."""
        return self.positions.get(kind, frozenset())

    @property
    def seen(self) -> frozenset[int]:
        """The positions with an event of any kind: SES has taken their mail."""
        return frozenset().union(*self.positions.values())


def add(
    table: Table,
    alert_id: str,
    number: int,
    events: Mapping[EventKind, Collection[int]],
    *,
    now: datetime,
) -> None:
    """Q34: add events of a chunk, at least one. One write. Safe to repeat."""
    table.update(
        keys.chunk_events(alert_id, number),
        "SET expires_at = :expires_at, changed_at = :now ADD "
        + ", ".join(f"#{kind} :{kind}" for kind in events),
        names={f"#{kind}": kind for kind in events},
        values={
            ":expires_at": to_epoch(now + RETENTION),
            ":now": to_milliseconds(now),
            **{f":{kind}": set(positions) for kind, positions in events.items()},
        },
        return_values=False,
    )


def find_many(
    table: Table, alert_id: str, numbers: Sequence[int], *, now: datetime
) -> dict[int, ChunkEvents]:
    """Q34: the events of up to 100 chunks of an alert, by number; none where none came.

    One consistent call.
    """
    items = table.find_many([keys.chunk_events(alert_id, number) for number in numbers])
    return {
        keys.chunk_number(item[keys.SK]): _chunk_events(item)
        for item in items
        if is_live(item, now)
    }


def _chunk_events(item: Item) -> ChunkEvents:
    return ChunkEvents(
        positions={kind: frozenset(item[kind]) for kind in EventKind if kind in item},
        changed_at=to_moment(item["changed_at"]),
    )
