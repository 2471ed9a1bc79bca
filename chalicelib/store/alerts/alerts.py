"""Alerts, in the table of petitions.

One transaction writes the header of an alert, its content, its entry among the open alerts, and the
entry by which an update or digest is sent once. It also writes what changes with it, such as the
pending digests (`digests.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts import alert as alerts
from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState, NewAlert
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.store import keys
from chalicelib.store.alerts import contents
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

FIRST_CURSOR: Final = keys.SHARDS[0] + "#"
"""The cursor before the first subscriber of the first shard: `<shard>#<last index read>`."""


def open_alert(
    table: Table, new: NewAlert, extra: Sequence[Write] = (), *, now: datetime
) -> str | None:
    """Q12, Q24, Q34: start an alert, with its content and the `extra` writes, all or nothing.

    Returns the id of the new alert. None if its update or digest was sent before, or if a condition
    of `extra` does not hold.
    """
    alert_id, moment = alerts.new_id(), to_milliseconds(now)
    header = {
        "slug": new.slug,
        "name": new.name,
        "kind": new.kind,
        "update_names": list(new.update_names),
        "state": AlertState.OPEN,
        "reason": "",
        "on_doubt": new.on_doubt,
        "started_at": moment,
        "changed_at": moment,
        "cursor": FIRST_CURSOR,
        "chunk_count": 0,
        "recipient_count": 0,
    }
    once = "attribute_not_exists(pk)"
    sent = {"alert_id": alert_id, "started_at": moment}
    writes = [
        Write(key=keys.sent(new.slug, new.name), item=sent, condition=once),
        Write(key=keys.alert(alert_id), item=header, condition=once),
        Write(key=keys.alert_content(alert_id), item=contents.to_item(new.content)),
        Write(key=keys.open_alert(alert_id), item={"slug": new.slug}),
        *extra,
    ]
    try:
        table.transact(writes)
    except ConditionFailed:
        return None
    return alert_id


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
        name=item["name"],
        kind=AlertKind(item["kind"]),
        update_names=tuple(item["update_names"]),
        state=AlertState(item["state"]),
        reason=item["reason"],
        on_doubt=OnDoubt(item["on_doubt"]),
        started_at=to_moment(item["started_at"]),
        changed_at=to_moment(item["changed_at"]),
        cursor=item["cursor"],
        chunk_count=item["chunk_count"],
        recipient_count=item["recipient_count"],
    )


def list_open(table: Table) -> Sequence[str]:
    """Q11: the ids of the alerts that are not complete."""
    return [item[keys.SK] for item in table.items_of(keys.ALERTS)]


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
