"""The chunks of alerts with the outcome of each recipient, in the table of petitions.

Outcomes are sets of positions (`sent`, `skipped`, …), to which a write only adds. The entries of
open chunks are small items of their own: recovery reads them and no settled chunk.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import (
    DOUBT_PERIOD,
    RETENTION,
    Chunk,
    ChunkState,
    Outcome,
)
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import (
    Item,
    is_live,
    to_epoch,
    to_milliseconds,
    to_moment,
)
from chalicelib.store.dynamodb.table import Table, Write


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
    `alert` was read, or if the alert is no longer open.
    """
    chunks = 1 if recipients else 0
    header = Write(
        key=keys.alert(alert.alert_id),
        expression="SET #cursor = :cursor, changed_at = :now, chunk_count = chunk_count + :chunks",
        condition="#cursor = :old AND #state = :open",
        names={"#cursor": "cursor", "#state": "state"},
        values={
            ":cursor": cursor,
            ":old": alert.cursor,
            ":open": AlertState.OPEN,
            ":now": to_milliseconds(now),
            ":chunks": chunks,
        },
    )
    writes = [header, *_new_chunk(alert, recipients, now=now)] if recipients else [header]
    try:
        table.transact(writes)
    except ConditionFailed:
        return None
    return replace(alert, cursor=cursor, chunk_count=alert.chunk_count + chunks, changed_at=now)


def claim_chunk(table: Table, alert_id: str, number: int, *, now: datetime) -> Chunk | None:
    """Q13: claim a chunk that is due, or whose claim is in doubt for long enough. None otherwise.

    Deletes the entry of a settled chunk that a crash has left among the open ones.
    """
    try:
        item = table.update(
            keys.chunk(alert_id, number),
            "SET #state = :claimed, changed_at = :now ADD attempt :one",
            condition="#state = :due OR (#state = :claimed AND changed_at <= :doubtful)",
            names={"#state": "state"},
            values={
                ":claimed": ChunkState.CLAIMED,
                ":due": ChunkState.DUE,
                ":doubtful": to_milliseconds(now - DOUBT_PERIOD),
                ":now": to_milliseconds(now),
                ":one": 1,
            },
        )
    except ConditionFailed as failed:
        # A missing chunk was settled, and has expired.
        if failed.item is None or failed.item.get("state") == ChunkState.SETTLED:
            _close_chunk(table, alert_id, number)
        return None
    return _chunk(alert_id, item)


def release_chunk(
    table: Table, chunk: Chunk, outcomes: Mapping[int, Outcome], *, now: datetime
) -> bool:
    """Q13: store outcomes and release the claim. A chunk is settled when all have an outcome.

    A chunk that is not settled is due again. A settled one expires after `RETENTION`. False, and no
    change, if the claim is no longer this worker's.
    """
    settled = len({*chunk.outcomes, *outcomes}) == len(chunk.recipients)
    changes = ["#state = :state", "changed_at = :now"]
    names = {"#state": "state", **{f"#{outcome}": outcome for outcome in outcomes.values()}}
    values: dict[str, Any] = {
        ":state": ChunkState.SETTLED if settled else ChunkState.DUE,
        ":claimed": ChunkState.CLAIMED,
        ":attempt": chunk.attempt,
        ":now": to_milliseconds(now),
    }
    if settled:
        changes.append("expires_at = :expires_at")
        values[":expires_at"] = to_epoch(now + RETENTION)
    for position, outcome in outcomes.items():
        values.setdefault(f":{outcome}", set()).add(position)
    additions = [f"#{outcome} :{outcome}" for outcome in set(outcomes.values())]
    try:
        table.update(
            keys.chunk(chunk.alert_id, chunk.number),
            "SET " + ", ".join(changes) + (" ADD " + ", ".join(additions) if additions else ""),
            # The attempt distinguishes this claim from a later one by another worker.
            condition="#state = :claimed AND attempt = :attempt",
            names=names,
            values=values,
        )
    except ConditionFailed:
        return False
    if settled:
        # A write of its own: in a transaction both would cost twice.
        _close_chunk(table, chunk.alert_id, chunk.number)
    return True


def list_of(table: Table, alert_id: str, *, now: datetime) -> Iterator[Chunk]:
    """Q13: the chunks of an alert that have not expired."""
    for item in table.items_of(keys.alert_partition(alert_id), prefix=keys.CHUNK):
        if is_live(item, now):
            yield _chunk(alert_id, item)


def list_open(table: Table, alert_id: str, *, limit: int) -> Mapping[int, datetime]:
    """Q25: when each of the first `limit` open chunks was added, by number."""
    items, _ = table.page_of(keys.open_chunks(alert_id), limit=limit, consistent=True)
    return {int(item[keys.SK]): to_moment(item["added_at"]) for item in items}


def _new_chunk(alert: Alert, recipients: Sequence[str], *, now: datetime) -> Sequence[Write]:
    """The writes of the next chunk of an alert, and of its entry among the open ones."""
    number, moment = alert.chunk_count, to_milliseconds(now)
    return [
        Write(
            key=keys.chunk(alert.alert_id, number),
            item={
                "number": number,
                # Bytes: 50 blind indexes fit into one write unit.
                "recipients": [bytes.fromhex(index) for index in recipients],
                "state": ChunkState.DUE,
                "attempt": 0,
                "changed_at": moment,
            },
            condition="attribute_not_exists(pk)",
        ),
        Write(key=keys.open_chunk(alert.alert_id, number), item={"added_at": moment}),
    ]


def _close_chunk(table: Table, alert_id: str, number: int) -> None:
    """Delete the entry of a chunk that is settled."""
    table.delete(keys.open_chunk(alert_id, number))


def _chunk(alert_id: str, item: Item) -> Chunk:
    return Chunk(
        alert_id=alert_id,
        number=item["number"],
        recipients=tuple(index.hex() for index in item["recipients"]),
        state=ChunkState(item["state"]),
        attempt=item["attempt"],
        outcomes={position: outcome for outcome in Outcome for position in item.get(outcome, ())},
    )
