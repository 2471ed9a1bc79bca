"""Suppressions, in the table of subscribers: blind indexes of addresses that are not mailed.

An item without a reason holds the newest soft bounces of an address, and expires by itself. The
rules of `domain/suppression.py` say whether they are a hold: no write has to start or end one.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from chalicelib.domain import suppression
from chalicelib.domain.suppression import SOFT_BOUNCE_PERIOD, Suppression, SuppressionReason
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, is_live, to_epoch
from chalicelib.store.dynamodb.table import Table, find_across

_SOFT_BOUNCES: Final = ("soft_bounce_1", "soft_bounce_2", "soft_bounce_3")
"""The newest first. Each is a day, and after it what distinguishes the mail."""
ATTRIBUTES: Final = (keys.PK, keys.SK, keys.EXPIRES_AT, "reason", "since", *_SOFT_BOUNCES)
"""What a reader of suppressions reads of an item."""


def add(table: Table, index: str, reason: SuppressionReason, *, now: datetime) -> bool:
    """Q17: suppress an address for ever. False if it was before. Safe to repeat.

    The reason that came first stays, but its owner's wish replaces any other.
    """
    condition, values = "attribute_not_exists(reason)", dict[str, Any]()
    if reason is SuppressionReason.OWNER:
        condition += " OR reason <> :owner"
        values[":owner"] = reason
    try:
        table.put(
            keys.suppression(index),
            {"reason": reason, "since": now.astimezone(UTC).date().isoformat()},
            condition=condition,
            values=values,
            return_old=False,
        )
    except ConditionFailed:
        return False
    return True


def add_soft_bounce(
    table: Table, index: str, mail: str, *, bounced_on: date, now: datetime
) -> bool:
    """Q17: add the soft bounce of a mail, in place of the oldest of three. Safe to repeat.

    False if it is there already, or if the address is suppressed for ever.
    """
    newest, middle, oldest = _SOFT_BOUNCES
    try:
        table.update(
            keys.suppression(index),
            f"SET {oldest} = if_not_exists({middle}, :none), "
            f"{middle} = if_not_exists({newest}, :none), "
            f"{newest} = :new, expires_at = :expires_at",
            condition=(
                f"attribute_not_exists(reason) AND NOT :new IN ({newest}, {middle}, {oldest})"
            ),
            values={
                ":new": f"{bounced_on.isoformat()}#{mail}",
                ":none": "",
                ":expires_at": _expiry(now),
            },
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def _expiry(now: datetime) -> int:
    """A midnight: the table of subscribers holds no moment of an event."""
    day = now.astimezone(UTC).date() + SOFT_BOUNCE_PERIOD + timedelta(days=1)
    return to_epoch(datetime.combine(day, time.min, UTC))


def read(item: Item | None, *, now: datetime) -> Suppression | None:
    """The suppression in an item of `ATTRIBUTES`, if there is one at `now`."""
    if item is None or not is_live(item, now):
        return None
    if "reason" in item:
        return Suppression(
            reason=SuppressionReason(item["reason"]), since=date.fromisoformat(item["since"])
        )
    bounced_on = [
        date.fromisoformat(item[n].partition("#")[0]) for n in _SOFT_BOUNCES if item.get(n)
    ]
    return suppression.hold(bounced_on, today=now.astimezone(UTC).date())


def find_many(table: Table, indexes: Sequence[str], *, now: datetime) -> dict[str, Suppression]:
    """Q17: the suppressions of up to 100 addresses, by index. One consistent call."""
    items = find_across(
        [(table, keys.suppression(index)) for index in indexes],
        attributes={table.name: ATTRIBUTES},
    )
    found = ((index, read(item, now=now)) for index, item in zip(indexes, items, strict=True))
    return {index: it for index, it in found if it is not None}


def active_among(table: Table, indexes: Collection[str], now: datetime) -> set[str]:
    """Q17: which of up to 100 addresses get no news now."""
    return set(find_many(table, list(indexes), now=now))


def delete(table: Table, index: str, found: Suppression) -> bool:
    """Q17: delete a suppression as it was found. False if it is another by now, or none."""
    condition, values = "attribute_exists(soft_bounce_1)", dict[str, Any]()
    if found.is_block:
        condition = "reason = :reason AND since = :since"
        values = {":reason": found.reason, ":since": found.since.isoformat()}
    try:
        table.delete(keys.suppression(index), condition=condition, values=values)
    except ConditionFailed:
        return False
    return True


def count_by_root_key(table: Table) -> Counter[int]:
    """Q26: the number of suppressions under each root key, by its id."""
    return Counter(
        int(item[keys.SK][:2], 16)
        for shard in keys.SHARDS
        for item in table.items_of(keys.suppressions(shard), attributes=(keys.SK,))
    )
