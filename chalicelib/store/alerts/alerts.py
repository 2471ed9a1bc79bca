"""Alerts, in the table of petitions.

One transaction writes the header of an alert, its content, its entry among the open alerts, and the
entry by which an update or digest is sent once. It also writes what changes with it, such as the
pending digests (`digests.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts import alert as alerts
from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState, NewAlert
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.store import keys
from chalicelib.store.alerts import alert_totals, contents
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write

FIRST_CURSOR: Final = keys.SHARDS[0] + "#"
"""The cursor before the first subscriber of the first shard: `<shard>#<last index read>`."""


def open_alert(
    table: Table, new: NewAlert, extra: Sequence[Write] = (), *, now: datetime
) -> str | None:
    """Q12, Q24: start an alert, with its content and the `extra` writes, all or nothing.

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
        "pilot_checked": False,
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
    return _alert(alert_id, item)


def find_many(table: Table, alert_ids: Sequence[str]) -> Sequence[Alert]:
    """Q12: the alerts with these ids (100 at most) that exist. One call."""
    items = table.find_many([keys.alert(alert_id) for alert_id in alert_ids])
    return [_alert(item[keys.PK].partition("#")[2], item) for item in items]


def list_open(table: Table, slug: str | None = None) -> Sequence[str]:
    """Q11: the ids of the alerts that are not complete, of a petition or of all."""
    items = table.items_of(keys.ALERTS, consistent=True)
    return [item[keys.SK] for item in items if slug in (None, item["slug"])]


def list_of_petition(table: Table, slug: str) -> Sequence[str]:
    """Q24: the ids of the alerts of a petition, newest first."""
    items = table.items_of(keys.sent_partition(slug))
    newest_first = sorted(items, key=lambda item: item["started_at"], reverse=True)
    return [item["alert_id"] for item in newest_first]


def mark_pilot_checked(table: Table, alert_id: str, *, pause_reason: str, now: datetime) -> bool:
    """Q12: note that the pilot of an open alert was looked at. With a reason it is paused."""
    state = AlertState.PAUSED if pause_reason else AlertState.OPEN
    return _change(
        table,
        alert_id,
        "SET pilot_checked = :true, #state = :state, reason = :reason, changed_at = :now",
        {":true": True, ":state": state, ":reason": pause_reason, ":now": to_milliseconds(now)},
        only_from=(AlertState.OPEN,),
    )


def mark(
    table: Table,
    alert_id: str,
    state: AlertState,
    *,
    only_from: Sequence[AlertState],
    reason: str = "",
    now: datetime,
) -> bool:
    """Q12: change the state of an alert. False, and no change, if it is in none of `only_from`."""
    return _change(
        table,
        alert_id,
        "SET #state = :state, reason = :reason, changed_at = :now",
        {":state": state, ":reason": reason, ":now": to_milliseconds(now)},
        only_from=only_from,
    )


def mark_on_doubt(table: Table, alert_id: str, on_doubt: OnDoubt) -> None:
    """Q12: store what becomes of recipients in doubt. Raises NotFound."""
    try:
        table.update(
            keys.alert(alert_id),
            "SET on_doubt = :on_doubt",
            condition="attribute_exists(pk)",
            values={":on_doubt": on_doubt},
            return_values=False,
        )
    except ConditionFailed as failed:
        raise NotFound from failed


def _change(
    table: Table,
    alert_id: str,
    expression: str,
    values: Mapping[str, Any],
    *,
    only_from: Sequence[AlertState],
) -> bool:
    states = {f":from_{state}": state for state in only_from}
    try:
        table.update(
            keys.alert(alert_id),
            expression,
            condition=f"#state IN ({', '.join(states)})",
            names={"#state": "state"},
            values={**values, **states},
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def mark_complete(table: Table, alert: Alert, *, now: datetime) -> None:
    """Q12, Q11: take an alert off the open ones, both or neither; an open one is complete then.

    A cancelled one stays as it is. No change if it has changed since it was read.
    """
    header = Write(
        key=keys.alert(alert.alert_id),
        expression="SET #state = :state, changed_at = :changed_at",
        condition="#state = :old AND chunk_count = :chunks",
        names={"#state": "state"},
        values={
            ":state": AlertState.COMPLETE if alert.is_open else alert.state,
            ":old": alert.state,
            ":chunks": alert.chunk_count,
            ":changed_at": to_milliseconds(now if alert.is_open else alert.changed_at),
        },
    )
    try:
        table.transact([header, Write(key=keys.open_alert(alert.alert_id))])
    except ConditionFailed:
        return


def _alert(alert_id: str, item: Item) -> Alert:
    settled_at = item.get("settled_at")
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
        pilot_checked=item["pilot_checked"],
        totals=alert_totals.outcomes_of(item),
        refusals=alert_totals.refusals_of(item),
        settled_at=None if settled_at is None else to_moment(settled_at),
    )
