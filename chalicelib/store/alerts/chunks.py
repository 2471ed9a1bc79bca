"""The chunks of alerts with the outcome of each recipient, in the table of petitions.

Outcomes are sets of positions (`sent`, `skipped`, …). `groups.py` keeps the record of those chunks
that are not settled yet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import (
    RETENTION,
    Chunk,
    ChunkState,
    ClaimedChunk,
    Group,
    Outcome,
)
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, is_live, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

_STATUS = ("number", "size", "state", "attempt", "changed_at", "reasons", "moved", *Outcome)
"""The attributes of a chunk but for its recipients."""


def new_chunk(alert: Alert, number: int, recipients: Sequence[str], *, now: datetime) -> Write:
    """Q13: the write of a new chunk."""
    return Write(
        key=keys.chunk(alert.alert_id, number),
        item={
            "number": number,
            "size": len(recipients),
            # Bytes take half of the room of hexadecimal digits.
            "recipients": [bytes.fromhex(index) for index in recipients],
            "state": ChunkState.DUE,
            "attempt": 0,
            "changed_at": to_milliseconds(now),
        },
        condition="attribute_not_exists(pk)",
    )


def claim(table: Table, alert_id: str, number: int, *, now: datetime) -> ClaimedChunk | None:
    """Q13: claim a chunk that is due. None if it is not, or has expired."""
    try:
        item = table.update(
            keys.chunk(alert_id, number),
            "SET #state = :claimed, changed_at = :now ADD attempt :one",
            condition="#state = :due",
            names={"#state": "state"},
            values={
                ":claimed": ChunkState.CLAIMED,
                ":due": ChunkState.DUE,
                ":now": to_milliseconds(now),
                ":one": 1,
            },
        )
    except ConditionFailed:
        return None
    return _with_recipients(alert_id, item)


def release(
    table: Table,
    chunk: Chunk,
    outcomes: Mapping[int, Outcome],
    *,
    reasons: Mapping[int, str] | None = None,
    in_doubt: bool = False,
    now: datetime,
) -> bool:
    """Q13: store outcomes and release the claim. A chunk is settled when all have an outcome.

    A chunk that is not settled is due again; if it is `in_doubt`, the claim stays as it is. A
    settled one expires after `RETENTION`. False, and no change, if the claim is no longer this one.
    """
    write = releasing(chunk, outcomes, reasons=reasons or {}, in_doubt=in_doubt, now=now)
    try:
        table.update(
            write.key,
            write.expression,
            condition=write.condition,
            names=write.names,
            values=write.values,
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def releasing(
    chunk: Chunk,
    outcomes: Mapping[int, Outcome],
    *,
    reasons: Mapping[int, str] | None = None,
    moved: Iterable[int] = (),
    in_doubt: bool = False,
    now: datetime,
) -> Write:
    """Q13: the write of `release`, which can also move recipients out of a chunk.

    Of moved positions, no outcome stays.
    """
    known = {**chunk.outcomes, **outcomes}
    state = ChunkState.CLAIMED if in_doubt else ChunkState.DUE
    moved = frozenset(moved) | chunk.moved
    known = {position: outcome for position, outcome in known.items() if position not in moved}
    if len(known) + len(moved) == chunk.size:
        state = ChunkState.SETTLED
    values: dict[str, Any] = {
        "state": state,
        "changed_at": to_milliseconds(chunk.changed_at if state is ChunkState.CLAIMED else now),
        "reasons": {str(p): why for p, why in {**chunk.reasons, **(reasons or {})}.items()},
        **{outcome: {p for p in known if known[p] is outcome} for outcome in known.values()},
    }
    if moved:
        values["moved"] = set(moved)
    if state is ChunkState.SETTLED:
        values["expires_at"] = to_epoch(now + RETENTION)
    gone = [outcome for outcome in set(chunk.outcomes.values()) if outcome not in values]
    names = {f"#{name}": name for name in (*values, *gone)}
    removal = " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
    return Write(
        key=keys.chunk(chunk.alert_id, chunk.number),
        expression="SET " + ", ".join(f"#{name} = :{name}" for name in values) + removal,
        # The attempt distinguishes this claim from a later one.
        condition="#state = :old AND #attempt = :attempt",
        names={**names, "#attempt": "attempt"},
        values={
            **{f":{name}": value for name, value in values.items()},
            ":old": chunk.state,
            ":attempt": chunk.attempt,
        },
    )


def list_of_group(table: Table, alert_id: str, group: Group) -> Sequence[Chunk]:
    """Q13: the chunks of a group, without their recipients. Expired ones are missing."""
    items, _ = table.page_of(
        keys.alert_partition(alert_id),
        after=f"{keys.CHUNK}{group.first - 1:08d}" if group.first else keys.CHUNK,
        up_to=f"{keys.CHUNK}{group.numbers[-1]:08d}",
        limit=group.chunk_count,
        attributes=_STATUS,
        consistent=True,
    )
    return [_status(alert_id, item) for item in items]


def list_first(table: Table, alert_id: str, count: int) -> Sequence[Chunk]:
    """Q13: the first chunks of an alert, without their recipients. Expired ones are missing."""
    items = table.items_of(
        keys.alert_partition(alert_id),
        up_to=f"{keys.CHUNK}{count - 1:08d}",
        after=keys.CHUNK,
        attributes=_STATUS,
        consistent=True,
    )
    return [_status(alert_id, item) for item in items]


def list_of(table: Table, alert_id: str, *, now: datetime) -> Iterator[ClaimedChunk]:
    """Q13: the chunks of an alert that have not expired, with their recipients."""
    for item in table.items_of(keys.alert_partition(alert_id), prefix=keys.CHUNK, consistent=True):
        if is_live(item, now):
            yield _with_recipients(alert_id, item)


def list_between(
    table: Table, alert_id: str, first: int, last: int, *, now: datetime
) -> Iterator[ClaimedChunk]:
    """Q13: the chunks with these numbers that have not expired, with their recipients."""
    items = table.items_of(
        keys.alert_partition(alert_id),
        after=f"{keys.CHUNK}{first - 1:08d}" if first else keys.CHUNK,
        up_to=f"{keys.CHUNK}{last:08d}",
        consistent=True,
    )
    for item in items:
        if is_live(item, now):
            yield _with_recipients(alert_id, item)


def _with_recipients(alert_id: str, item: Item) -> ClaimedChunk:
    recipients = tuple(index.hex() for index in item["recipients"])
    return ClaimedChunk(**vars(_status(alert_id, item)), recipients=recipients)


def _status(alert_id: str, item: Item) -> Chunk:
    return Chunk(
        alert_id=alert_id,
        number=item["number"],
        size=item["size"],
        state=ChunkState(item["state"]),
        attempt=item["attempt"],
        changed_at=to_moment(item["changed_at"]),
        outcomes={position: outcome for outcome in Outcome for position in item.get(outcome, ())},
        reasons={int(position): reason for position, reason in item.get("reasons", {}).items()},
        moved=frozenset(item.get("moved", ())),
    )
