"""Alerts and pending digests, in the table of petitions.

One transaction writes the header of an alert, its entry among the open alerts, and the entry by
which an update or digest is sent once. It also adds an update to the pending digest, or empties the
pending digest that becomes an alert. So every update that was sent is in exactly one digest.

The item of the pending digest also names the updates of the digest before. Together they are the
updates underway: as long as no digest starts while an alert of its petition is open, each update
has been sent in both ways before its name is gone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts import alert as alerts
from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

FIRST_CURSOR: Final = keys.SHARDS[0] + "#"
"""The cursor before the first subscriber of the first shard: `<shard>#<last index read>`."""


def add(table: Table, slug: str, name: str, *, now: datetime) -> str | None:
    """Q12, Q24: start the alert of an update, and add the update to the pending digest.

    Returns the id of the new alert. None if the update was sent before.
    """
    append = Write(
        key=keys.pending_digest(slug),
        expression="SET waiting_since = if_not_exists(waiting_since, :now), "
        "update_names = list_append(if_not_exists(update_names, :none), :name), "
        "previous_names = if_not_exists(previous_names, :none)",
        values={":now": to_milliseconds(now), ":none": [], ":name": [name]},
    )
    return _open(table, slug, name, append, kind=AlertKind.UPDATE, update_names=[name], now=now)


def add_digest(table: Table, pending: PendingDigest, *, now: datetime) -> str | None:
    """Q12, Q24: start the alert of the digest that is due at `now`, and empty the pending digest.

    Returns the id of the new alert. None if the digest was sent before, or if the pending digest
    has changed since it was read.
    """
    names = list(pending.update_names)
    empty = Write(
        key=keys.pending_digest(pending.slug),
        expression="SET previous_names = :names, update_names = :none REMOVE waiting_since",
        condition="update_names = :names",
        values={":names": names, ":none": []},
    )
    slug, name = pending.slug, pending.digest_name(now)
    return _open(table, slug, name, empty, kind=AlertKind.DIGEST, update_names=names, now=now)


def _open(
    table: Table,
    slug: str,
    name: str,
    digest_write: Write,
    *,
    kind: AlertKind,
    update_names: Sequence[str],
    now: datetime,
) -> str | None:
    """Write an alert, its entries and the pending digest, or nothing."""
    alert_id, moment = alerts.new_id(), to_milliseconds(now)
    header = {
        "slug": slug,
        "kind": kind,
        "update_names": list(update_names),
        "state": AlertState.OPEN,
        "reason": "",
        "started_at": moment,
        "changed_at": moment,
        "cursor": FIRST_CURSOR,
        "chunk_count": 0,
    }
    once = "attribute_not_exists(pk)"
    writes = [
        Write(key=keys.sent(slug, name), item={"alert_id": alert_id}, condition=once),
        Write(key=keys.alert(alert_id), item=header, condition=once),
        Write(key=keys.open_alert(alert_id), item={"slug": slug}),
        digest_write,
    ]
    try:
        table.transact(writes)
    except ConditionFailed:
        return None
    return alert_id


def list_pending_digests(table: Table) -> Sequence[PendingDigest]:
    """Q18: the pending digest of each petition in which an update waits."""
    items = table.items_of(keys.PENDING_DIGESTS)
    return [
        PendingDigest(
            slug=item[keys.SK],
            update_names=tuple(item["update_names"]),
            since=to_moment(item["waiting_since"]),
        )
        for item in items
        if item["update_names"]
    ]


def find_id(table: Table, slug: str, name: str) -> str | None:
    """Q24: the id of the alert of an update or digest, or None if it was not sent."""
    item = table.find(keys.sent(slug, name), consistent=True)
    return item["alert_id"] if item else None


def find(table: Table, slug: str, name: str) -> Alert | None:
    """Q24, Q12: the alert of an update or digest, or None if it was not sent."""
    alert_id = find_id(table, slug, name)
    return get(table, alert_id) if alert_id else None


def get(table: Table, alert_id: str) -> Alert:
    """Q12: an alert. Raises NotFound."""
    item = table.find(keys.alert(alert_id), consistent=True)
    if item is None:
        raise NotFound
    return Alert(
        alert_id=alert_id,
        slug=item["slug"],
        kind=AlertKind(item["kind"]),
        update_names=tuple(item["update_names"]),
        state=AlertState(item["state"]),
        reason=item["reason"],
        started_at=to_moment(item["started_at"]),
        changed_at=to_moment(item["changed_at"]),
        cursor=item["cursor"],
        chunk_count=item["chunk_count"],
    )


def list_open(table: Table) -> Sequence[str]:
    """Q11: the ids of the alerts that are not complete."""
    return [item[keys.SK] for item in table.items_of(keys.ALERTS)]


def has_open(table: Table, slug: str) -> bool:
    """Q11: whether an alert of this petition is not complete. Reads consistently."""
    return any(item.get("slug") == slug for item in table.items_of(keys.ALERTS, consistent=True))


def mark_complete(table: Table, alert_id: str, *, now: datetime) -> None:
    """Q12: complete an open alert, and delete it from the open ones, both or neither."""
    header = Write(
        key=keys.alert(alert_id),
        expression="SET #state = :complete, changed_at = :now",
        condition="#state = :open",
        names={"#state": "state"},
        values={
            ":complete": AlertState.COMPLETE,
            ":open": AlertState.OPEN,
            ":now": to_milliseconds(now),
        },
    )
    try:
        table.transact([header, Write(key=keys.open_alert(alert_id))])
    except ConditionFailed:
        # Another run has completed it.
        return
