"""Alerts and pending digests, in the table of petitions.

The header of an alert is written with its mark among the open ones. With that of an update, the
update is noted for those who want one mail a week; with that of a digest, what it holds is taken
off that list: all of it or nothing, so every update that was sent is in one digest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.errors import NotFound
from chalicelib.domain.update import split_id
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

FIRST_CURSOR: Final = keys.SHARDS[0] + "#"
"""Fan-out begins before the first entry of the first shard: `<shard>#<last index seen>`."""


def add(table: Table, update_id: str, *, now: datetime) -> bool:
    """Open the alert of an update, which then waits for the next digest.

    False if it was opened before: an update is sent once.
    """
    slug, name = split_id(update_id)
    wait = Write(
        key=keys.pending_digest(slug),
        expression="SET waiting_since = if_not_exists(waiting_since, :now), "
        "update_names = list_append(if_not_exists(update_names, :none), :name)",
        values={":now": to_milliseconds(now), ":none": [], ":name": [name]},
    )
    return _open(table, update_id, wait, now=now)


def add_digest(table: Table, pending: PendingDigest, *, now: datetime) -> bool:
    """Open the alert of the digest that is due at `now`, with all that waits.

    False if this was done before, or if the list has grown since `waiting` was read.
    """
    names = list(pending.update_names)
    take = Write(
        key=keys.pending_digest(pending.slug),
        condition="update_names = :names",
        values={":names": names},
    )
    return _open(table, pending.digest_id(now), take, holding={"update_names": names}, now=now)


def _open(
    table: Table,
    alert_id: str,
    beside: Write,
    *,
    holding: Mapping[str, Any] | None = None,
    now: datetime,
) -> bool:
    """Write a header, its mark and what is to be done with them; False if that cannot be."""
    moment = to_milliseconds(now)
    header = {
        "started_at": moment,
        "changed_at": moment,
        "cursor": FIRST_CURSOR,
        "chunk_count": 0,
        "settled_count": 0,
        **(holding or {}),
    }
    new = Write(key=keys.alert(alert_id), item=header, condition="attribute_not_exists(pk)")
    mark = Write(key=keys.open_alert(alert_id), item={"alert_id": alert_id})
    try:
        table.transact([new, mark, beside])
    except ConditionFailed:
        return False
    return True


def list_pending_digests(table: Table) -> Sequence[PendingDigest]:
    """Q18: what waits for the next digest of each petition."""
    items = table.items_of(keys.PENDING_DIGESTS)
    return [
        PendingDigest(
            slug=item[keys.SK],
            update_names=tuple(item["update_names"]),
            since=to_moment(item["waiting_since"]),
        )
        for item in items
    ]


def get(table: Table, alert_id: str) -> Alert:
    """Q12: where an alert stands. Raises NotFound."""
    alert = find(table, alert_id)
    if alert is None:
        raise NotFound
    return alert


def find(table: Table, alert_id: str) -> Alert | None:
    """Q12: where an alert stands, or None if there is none of this update or digest."""
    item = table.find(keys.alert(alert_id), consistent=True)
    if item is None:
        return None
    return Alert(
        alert_id=alert_id,
        started_at=to_moment(item["started_at"]),
        changed_at=to_moment(item["changed_at"]),
        cursor=item["cursor"],
        chunk_count=item["chunk_count"],
        settled_count=item["settled_count"],
        update_names=tuple(item.get("update_names", ())),
    )


def list_open(table: Table) -> Sequence[str]:
    """Q11: the ids of the alerts that are not complete."""
    return [item["alert_id"] for item in table.items_of(keys.ALERTS)]


def mark_settled(table: Table, alert: Alert, settled_count: int, *, now: datetime) -> None:
    """Note that all chunks below `settled_count` are settled."""
    try:
        table.update(
            keys.alert(alert.alert_id),
            "SET settled_count = :settled, changed_at = :now",
            condition="settled_count < :settled",
            values={":settled": settled_count, ":now": to_milliseconds(now)},
        )
    except ConditionFailed:
        # Another tick has said so, or more.
        return


def close(table: Table, alert_id: str) -> None:
    """Take a complete alert off the list of open ones."""
    table.delete(keys.open_alert(alert_id))
