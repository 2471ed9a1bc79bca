"""The pace of sending: one item in the table of petitions.

Slots move its meters by relative writes, so that workers do not wait for each other. All else that
a slot depends on has a revision, which a slot checks.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.domain.alerts.pacing import NEVER, Pace, Stop
from chalicelib.domain.alerts.slots import Slot
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table

_THOUSAND: Final = 1000
"""Rates are stored as mails in a thousand seconds: tables hold whole numbers."""


class Outdated(Exception):
    """Nothing was written: the item is another than was known. `pace` is what it says now."""

    def __init__(self, pace: Pace) -> None:
        super().__init__("the pace has changed")
        self.pace = pace


def find(table: Table) -> Pace:
    """Q35: the pace, that of a new account if nothing is stored."""
    return _pace(table.find(keys.pacing(), consistent=True))


def add_slot(table: Table, known: Pace, slot: Slot) -> Pace:
    """Q35: give a slot, by what is known of the pace. Returns the new pace. Raises Outdated.

    A meter that has passed starts anew at the slot's `now`; another is moved on from wherever it
    is. A write that is repeated after a lost answer gives two slots: that only delays others.
    """
    bulk = slot.lane.is_bulk
    meters = [_Meter("all_until", known.all_until, slot.all_cost, slot.latest if bulk else None)]
    if not bulk:
        meters.append(_Meter("single_until", known.single_until, slot.single_cost, slot.latest))
    counts = {"slots": slot.count} if bulk else {"slots": slot.count, "singles": slot.count}
    changes, conditions, values = [], [], {":now": to_milliseconds(slot.now)}
    for meter in meters:
        change, condition, moved = meter.moved(slot.now)
        changes.append(change)
        conditions.append(condition)
        values |= moved
    return _changed(
        table,
        known,
        changes,
        {"sending_stop": _stop_values(slot.trial)} if slot.trial else {},
        counts=counts,
        conditions=conditions,
        values=values,
    )


def save_account(table: Table, known: Pace, pace: Pace) -> Pace:
    """Q35: store what SES says of the account, as `pace` has it. Raises Outdated."""
    values = {
        "mail_rate": round(pace.rate * _THOUSAND),
        "daily_quota": -1 if pace.quota is None else pace.quota,
        "sandbox": pace.sandbox,
        "sent": pace.sent,
        "slots_read": pace.slots_read,
        "singles_day": pace.day,
        "singles_at_midnight": pace.singles_at_midnight,
        "singles_by_day": list(pace.singles_by_day),
    }
    return _changed(table, known, [], values)


def mark_reduced(table: Table, known: Pace, rate: float, *, now: datetime) -> Pace:
    """Q35: reduce the rate. Raises Outdated: another worker may have done it."""
    values = {"reduced_to": round(rate * _THOUSAND), "reduced_at": to_milliseconds(now)}
    return _changed(table, known, [], values)


def mark_stopped(table: Table, known: Pace, stop: Stop) -> Pace:
    """Q35: stop all lanes. Raises Outdated."""
    return _changed(table, known, [], {"sending_stop": _stop_values(stop)})


def mark_quota_used(table: Table, known: Pace) -> Pace:
    """Q35: note that SES has sent as many mails in 24 hours as it grants. Raises Outdated."""
    return _changed(table, known, [], {"sent": known.quota or 0, "slots_read": known.slots})


def mark_going(table: Table, known: Pace) -> Pace:
    """Q35: end a stop, and forget lost answers. Raises Outdated."""
    return _changed(table, known, [], {"unanswered": 0, "sending_stop": None})


def add_unanswered(table: Table) -> Pace:
    """Q35: count a call whose answer was lost."""
    item = table.update(keys.pacing(), "ADD unanswered :one", values={":one": 1})
    return _pace(item)


@dataclass(frozen=True)
class _Meter:
    """One meter of the item: what is known of it, how far a slot moves it, how late it may be."""

    name: str
    until: datetime
    cost: timedelta
    latest: datetime | None

    def moved(self, now: datetime) -> tuple[str, str, dict[str, Any]]:
        """The assignment that moves it, the condition, and their values."""
        name, cost = self.name, math.ceil(self.cost / timedelta(milliseconds=1))
        if to_milliseconds(self.until) < to_milliseconds(now):
            condition = f"(attribute_not_exists({name}) OR {name} < :now)"
            return f"{name} = :{name}", condition, {f":{name}": to_milliseconds(now) + cost}
        assignment, condition = f"{name} = {name} + :{name}", f"{name} >= :now"
        values: dict[str, Any] = {f":{name}": cost}
        if self.latest:
            condition += f" AND {name} <= :latest"
            values[":latest"] = to_milliseconds(self.latest)
        return assignment, condition, values


def _changed(
    table: Table,
    known: Pace,
    changes: Sequence[str],
    attributes: Mapping[str, Any],
    *,
    counts: Mapping[str, int] | None = None,
    conditions: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
) -> Pace:
    """Change the item if its revision is the known one; changed attributes make a new revision."""
    assigned = {**attributes, "revision": known.revision + 1} if attributes else {}
    parts = [*changes, *(f"{name} = :{name}" for name in assigned)]
    expression = "SET " + ", ".join(parts)
    if counts:
        expression += " ADD " + ", ".join(f"{name} :{name}" for name in counts)
    as_known = "revision = :known" if known.revision else "attribute_not_exists(revision)"
    all_values = {f":{name}": value for name, value in {**assigned, **(counts or {})}.items()}
    if known.revision:
        all_values[":known"] = known.revision
    try:
        item = table.update(
            keys.pacing(),
            expression,
            condition=" AND ".join([as_known, *conditions]),
            values={**all_values, **(values or {})},
        )
    except ConditionFailed as failed:
        raise Outdated(_pace(failed.item)) from failed
    return _pace(item)


def _stop_values(stop: Stop) -> Mapping[str, Any]:
    return {
        "reason": stop.reason,
        "since": to_milliseconds(stop.since),
        "trials": stop.trials,
        "retry_at": to_milliseconds(stop.retry_at),
    }


def _pace(item: Item | None) -> Pace:
    item = item or {}
    new = Pace()
    quota, stop = item.get("daily_quota", new.quota), item.get("sending_stop")
    return Pace(
        revision=item.get("revision", new.revision),
        rate=item["mail_rate"] / _THOUSAND if "mail_rate" in item else new.rate,
        quota=None if quota == -1 else quota,
        sandbox=item.get("sandbox", new.sandbox),
        sent=item.get("sent", new.sent),
        slots=item.get("slots", new.slots),
        slots_read=item.get("slots_read", new.slots_read),
        singles=item.get("singles", new.singles),
        day=item.get("singles_day", new.day),
        singles_at_midnight=item.get("singles_at_midnight", new.singles_at_midnight),
        singles_by_day=tuple(item.get("singles_by_day", new.singles_by_day)),
        single_until=_moment(item, "single_until"),
        all_until=_moment(item, "all_until"),
        reduced_to=item.get("reduced_to", 0) / _THOUSAND,
        reduced_at=_moment(item, "reduced_at"),
        unanswered=item.get("unanswered", new.unanswered),
        stop=_stop(stop) if stop else None,
    )


def _stop(values: Mapping[str, Any]) -> Stop:
    return Stop(
        reason=values["reason"],
        since=to_moment(values["since"]),
        trials=values["trials"],
        retry_at=to_moment(values["retry_at"]),
    )


def _moment(item: Item, name: str) -> datetime:
    return to_moment(item[name]) if name in item else NEVER
