"""The groups of chunks of an alert that are not known to be settled, in the table of petitions.

One entry stands for up to 25 chunks, so that recovery reads few. A group is written with its chunks
and deleted as its outcomes are added to the header of the alert, each in one transaction.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Chunk, Group, Outcome
from chalicelib.store import keys
from chalicelib.store.alerts import alert_totals, chunks
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write


def add(
    table: Table,
    alert: Alert,
    recipients: Sequence[Sequence[str]],
    *,
    cursor: str | None,
    now: datetime,
) -> Alert | None:
    """Q13, Q25: add a group with a chunk for each part of `recipients`, and move the cursor.

    All or nothing; without recipients only the cursor moves. Returns the alert as it is then. None
    if another worker has changed it since it was read, or if it is no longer open.
    """
    moment, total = to_milliseconds(now), sum(map(len, recipients))
    header = Write(
        key=keys.alert(alert.alert_id),
        expression="SET #cursor = :cursor, changed_at = :now, chunk_count = :chunks, "
        "recipient_count = :recipients",
        condition="#cursor = :old AND chunk_count = :old_chunks AND #state = :open",
        names={"#cursor": "cursor", "#state": "state"},
        values={
            ":cursor": cursor,
            ":old": alert.cursor,
            ":old_chunks": alert.chunk_count,
            ":open": AlertState.OPEN,
            ":now": moment,
            ":chunks": alert.chunk_count + len(recipients),
            ":recipients": alert.recipient_count + total,
        },
    )
    try:
        table.transact([header, *new_group(alert, recipients, now=now)])
    except ConditionFailed:
        return None
    return replace(
        alert,
        cursor=cursor,
        changed_at=now,
        chunk_count=alert.chunk_count + len(recipients),
        recipient_count=alert.recipient_count + total,
    )


def new_group(
    alert: Alert, recipients: Sequence[Sequence[str]], *, now: datetime
) -> Sequence[Write]:
    """Q13, Q25: the writes of the next chunks of an alert and of their group; none without any."""
    if not recipients:
        return []
    first, moment = alert.chunk_count, to_milliseconds(now)
    entry = {
        "chunk_count": len(recipients),
        "recipient_count": sum(map(len, recipients)),
        "added_at": moment,
        "queued_at": moment,
    }
    return [
        Write(key=keys.open_group(alert.alert_id, first), item=entry),
        *(
            chunks.new_chunk(alert, number, part, now=now)
            for number, part in enumerate(recipients, start=first)
        ),
    ]


def page_of(
    table: Table, alert_id: str, *, limit: int, after: int | None = None
) -> Sequence[Group]:
    """Q25: the first open groups of an alert, or those after the group with this first chunk."""
    items, _ = table.page_of(
        keys.open_groups(alert_id),
        after=None if after is None else keys.open_group(alert_id, after)[keys.SK],
        limit=limit,
        consistent=True,
    )
    return [_group(item) for item in items]


def list_all(table: Table, alert_id: str) -> Iterator[Group]:
    """Q25: every open group of an alert, in order."""
    for item in table.items_of(keys.open_groups(alert_id), consistent=True):
        yield _group(item)


def mark_queued(table: Table, alert_id: str, group: Group, *, now: datetime) -> bool:
    """Q25: note that the jobs of a group are queued again. False if it has changed since."""
    write = queueing(alert_id, group, now=now)
    try:
        table.update(
            write.key,
            write.expression,
            condition=write.condition,
            values=write.values,
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def queueing(alert_id: str, group: Group, *, now: datetime) -> Write:
    """Q25: the write of `mark_queued`. After it nobody can close the group as it was read."""
    return Write(
        key=keys.open_group(alert_id, group.first),
        expression="SET queued_at = :now",
        condition="queued_at = :old",
        values={":now": to_milliseconds(now), ":old": to_milliseconds(group.queued_at)},
    )


def close(
    table: Table, alert_id: str, group: Group, read: Sequence[Chunk], *, now: datetime
) -> bool:
    """Q25, Q12: delete a group whose chunks are settled as they were read.

    Their outcomes are added to the alert, both or neither. False if the group has changed since.
    """
    deletion = Write(
        key=keys.open_group(alert_id, group.first),
        condition="queued_at = :old",
        values={":old": to_milliseconds(group.queued_at)},
    )
    counting = alert_totals.counting(
        alert_id,
        sum((chunk.counts() for chunk in read), Counter[Outcome]()),
        sum((chunk.refusals() for chunk in read), Counter[str]()),
        settled_at=max((chunk.changed_at for chunk in read), default=now),
    )
    try:
        table.transact([deletion, counting])
    except ConditionFailed:
        return False
    return True


def _group(item: Item) -> Group:
    return Group(
        first=int(item[keys.SK]),
        chunk_count=item["chunk_count"],
        recipient_count=item["recipient_count"],
        added_at=to_moment(item["added_at"]),
        queued_at=to_moment(item["queued_at"]),
    )
