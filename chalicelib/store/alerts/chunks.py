"""The chunks of alerts with the outcome of each recipient, in the table of petitions.

Each outcome is an attribute of its own (`outcome#7`), so that two writers never overwrite each
other. Send events are in a small item of their own, because a write is charged by the size of the
item.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk, ChunkState, Outcome
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

_OUTCOME: Final = "outcome#"


def add_chunk(
    table: Table,
    alert: Alert,
    recipients: Sequence[str],
    *,
    cursor: str | None,
    now: datetime,
) -> Alert | None:
    """Q13: add the next chunk and move the cursor, both or neither. Returns the new alert.

    Without recipients only the cursor moves. None if another worker has moved the cursor since
    `alert` was read.
    """
    chunks = 1 if recipients else 0
    header = Write(
        key=keys.alert(alert.alert_id),
        expression="SET #cursor = :cursor, changed_at = :now, chunk_count = chunk_count + :chunks",
        condition="#cursor = :old",
        names={"#cursor": "cursor"},
        values={
            ":cursor": cursor,
            ":old": alert.cursor,
            ":now": to_milliseconds(now),
            ":chunks": chunks,
        },
    )
    writes = [header, _new_chunk(alert, recipients, now=now)] if recipients else [header]
    try:
        table.transact(writes)
    except ConditionFailed:
        return None
    return replace(alert, cursor=cursor, chunk_count=alert.chunk_count + chunks, changed_at=now)


def claim_chunk(table: Table, alert_id: str, number: int, *, now: datetime) -> Chunk | None:
    """Q13: claim a due chunk for this worker. None if it is not due."""
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
    return _chunk(alert_id, item)


def release_chunk(
    table: Table, chunk: Chunk, outcomes: Mapping[int, Outcome], *, now: datetime
) -> bool:
    """Q13: store outcomes and release the claim. A chunk is settled when all have an outcome.

    A chunk that is not settled is due again. A settled one loses its recipients. False, and no
    change, if the claim is no longer this worker's.
    """
    settled = len({*chunk.outcomes, *outcomes}) == len(chunk.recipients)
    return _change(
        table, chunk, ChunkState.SETTLED if settled else ChunkState.DUE, outcomes, now=now
    )


def add_send_event(table: Table, alert_id: str, number: int, position: int) -> None:
    """Q13: store that SES reports a send to this recipient. Safe to repeat."""
    table.update(
        keys.send_events(alert_id, number),
        "ADD positions :position",
        values={":position": {position}},
        return_values=False,
    )


def send_events(table: Table, alert_id: str, number: int) -> frozenset[int]:
    """Q13: the positions in a chunk for which SES has reported a send."""
    item = table.find(keys.send_events(alert_id, number), consistent=True)
    return frozenset(item["positions"]) if item else frozenset()


def chunks_from(table: Table, alert_id: str, number: int, *, limit: int) -> Sequence[Chunk]:
    """Q13: up to `limit` chunks of an alert, from `number` on."""
    items, _ = table.page_of(
        keys.alert_partition(alert_id),
        prefix=keys.CHUNK,
        after=keys.chunk(alert_id, number - 1)[keys.SK] if number else None,
        limit=limit,
    )
    return [_chunk(alert_id, item) for item in items]


def _new_chunk(alert: Alert, recipients: Sequence[str], *, now: datetime) -> Write:
    """The write of the next chunk of an alert."""
    return Write(
        key=keys.chunk(alert.alert_id, alert.chunk_count),
        item={
            "number": alert.chunk_count,
            "recipients": list(recipients),
            "state": ChunkState.DUE,
            "attempt": 0,
            "changed_at": to_milliseconds(now),
        },
        condition="attribute_not_exists(pk)",
    )


def _change(
    table: Table,
    chunk: Chunk,
    state: ChunkState,
    outcomes: Mapping[int, Outcome],
    *,
    now: datetime,
) -> bool:
    names = {"#state": "state"}
    values: dict[str, Any] = {
        ":state": state,
        ":claimed": ChunkState.CLAIMED,
        ":attempt": chunk.attempt,
        ":now": to_milliseconds(now),
    }
    changes = ["#state = :state", "changed_at = :now"]
    for position, outcome in outcomes.items():
        names[f"#o{position}"] = f"{_OUTCOME}{position}"
        values[f":o{position}"] = outcome
        changes.append(f"#o{position} = :o{position}")
    removal = " REMOVE recipients" if state is ChunkState.SETTLED else ""
    try:
        table.update(
            keys.chunk(chunk.alert_id, chunk.number),
            "SET " + ", ".join(changes) + removal,
            # The attempt distinguishes this claim from a later one by another worker.
            condition="#state = :claimed AND attempt = :attempt",
            names=names,
            values=values,
        )
    except ConditionFailed:
        return False
    return True


def _chunk(alert_id: str, item: Item) -> Chunk:
    return Chunk(
        alert_id=alert_id,
        number=item["number"],
        recipients=tuple(item.get("recipients", ())),
        state=ChunkState(item["state"]),
        attempt=item["attempt"],
        changed_at=to_moment(item["changed_at"]),
        outcomes=_outcomes(item.items()),
    )


def _outcomes(attributes: Iterable[tuple[str, Any]]) -> dict[int, Outcome]:
    return {
        int(name.removeprefix(_OUTCOME)): Outcome(value)
        for name, value in attributes
        if name.startswith(_OUTCOME)
    }
