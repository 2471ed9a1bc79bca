"""Alerts and pending digests, in the table of petitions.

One transaction writes the header of an alert and its entry among the open alerts. It also adds an
update to the pending digest, or deletes the pending digest that becomes an alert. So every update
that was sent is in exactly one digest.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.errors import NotFound
from chalicelib.domain.update import split_id
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

FIRST_CURSOR: Final = keys.SHARDS[0] + "#"
"""The cursor before the first subscriber of the first shard: `<shard>#<last index read>`."""


def add(table: Table, update_id: str, *, now: datetime) -> bool:
    """Q12: start the alert of an update, and add the update to the pending digest.

    False if the alert exists: an update is sent once.
    """
    slug, name = split_id(update_id)
    append = Write(
        key=keys.pending_digest(slug),
        expression="SET waiting_since = if_not_exists(waiting_since, :now), "
        "update_names = list_append(if_not_exists(update_names, :none), :name)",
        values={":now": to_milliseconds(now), ":none": [], ":name": [name]},
    )
    return _open(table, update_id, append, now=now)


def add_digest(table: Table, pending: PendingDigest, *, now: datetime) -> bool:
    """Q12: start the alert of the digest that is due at `now`, and delete the pending digest.

    False if the alert exists, or if the pending digest has changed since it was read.
    """
    names = list(pending.update_names)
    delete = Write(
        key=keys.pending_digest(pending.slug),
        condition="update_names = :names",
        values={":names": names},
    )
    return _open(table, pending.digest_id(now), delete, update_names=names, now=now)


def _open(
    table: Table,
    alert_id: str,
    digest_write: Write,
    *,
    update_names: Sequence[str] = (),
    now: datetime,
) -> bool:
    """Write an alert, its entry among the open alerts and the pending digest, or nothing."""
    moment = to_milliseconds(now)
    header = {
        "started_at": moment,
        "changed_at": moment,
        "cursor": FIRST_CURSOR,
        "chunk_count": 0,
        "settled_count": 0,
        "update_names": list(update_names),
    }
    alert = Write(key=keys.alert(alert_id), item=header, condition="attribute_not_exists(pk)")
    entry = Write(key=keys.open_alert(alert_id), item={"alert_id": alert_id})
    try:
        table.transact([alert, entry, digest_write])
    except ConditionFailed:
        return False
    return True


def list_pending_digests(table: Table) -> Sequence[PendingDigest]:
    """Q18: the pending digest of each petition that has one."""
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
    """Q12: an alert. Raises NotFound."""
    alert = find(table, alert_id)
    if alert is None:
        raise NotFound
    return alert


def find(table: Table, alert_id: str) -> Alert | None:
    """Q12: an alert, or None."""
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
        update_names=tuple(item["update_names"]),
    )


def list_open(table: Table) -> Sequence[str]:
    """Q11: the ids of the alerts that are not complete."""
    return [item["alert_id"] for item in table.items_of(keys.ALERTS)]


def mark_settled(table: Table, alert: Alert, settled_count: int, *, now: datetime) -> None:
    """Store that all chunks below `settled_count` are settled."""
    try:
        table.update(
            keys.alert(alert.alert_id),
            "SET settled_count = :settled, changed_at = :now",
            condition="settled_count < :settled",
            values={":settled": settled_count, ":now": to_milliseconds(now)},
        )
    except ConditionFailed:
        # Another run has stored this number or a higher one.
        return


def close(table: Table, alert_id: str) -> None:
    """Delete a complete alert from the open ones."""
    table.delete(keys.open_alert(alert_id))
