"""Moves of recipients into new chunks of their alert, each in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.move import Move
from chalicelib.store import keys
from chalicelib.store.alerts import alert_totals, chunks, groups
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table, Write


def add(
    table: Table,
    alert: Alert,
    batch: Sequence[Move],
    parts: Sequence[Sequence[str]],
    *,
    now: datetime,
) -> Alert | None:
    """Q12, Q13, Q25: move recipients into the new chunks `parts`; a complete alert opens again.

    Returns the alert as it is then. None, and no change, if the alert, a chunk or a group has
    changed since it was read.
    """
    state = AlertState.OPEN if alert.state is AlertState.COMPLETE else alert.state
    counted = sum((move.counted() for move in batch), Counter[Outcome]())
    refusals = sum((move.counted_refusals() for move in batch), Counter[str]())
    header = alert_totals.reopening(alert, state, len(parts), counted, refusals, now=now)
    touched = {move.group.first: move.group for move in batch if move.group}
    writes = [
        header,
        Write(key=keys.open_alert(alert.alert_id), item={"slug": alert.slug}),
        *(
            chunks.releasing(
                move.chunk, move.outcomes, reasons=move.reasons, moved=move.positions, now=now
            )
            for move in batch
        ),
        *(groups.queueing(alert.alert_id, group, now=now) for group in touched.values()),
        *groups.new_group(alert, parts, now=now),
    ]
    try:
        table.transact(writes)
    except ConditionFailed:
        return None
    return replace(alert, state=state, chunk_count=alert.chunk_count + len(parts))
