"""The table of subscribers. Addresses in it are sealed to the mailer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.crypto.sealing import named_key
from chalicelib.domain.subscriber import (
    Confirmed,
    Frequency,
    NewsChoice,
    Subscriber,
    SubscriberState,
)
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_epoch, to_milliseconds
from chalicelib.store.dynamodb.table import Table


def add(table: Table, subscriber: Subscriber) -> Confirmed:
    """Q6: store a subscription where none was before. Safe to repeat.

    Of an active one, the day and the frequency stay; language and address are the new ones.
    """
    try:
        table.put(
            keys.subscriber(subscriber.slug, subscriber.index),
            to_item(subscriber),
            condition=f"attribute_not_exists({keys.PK})",
            return_old=False,
        )
    except ConditionFailed:
        return _confirm_again(table, subscriber)
    return Confirmed.STARTED


def _confirm_again(table: Table, subscriber: Subscriber) -> Confirmed:
    """Change an active subscription to what was confirmed last."""
    try:
        table.update(
            keys.subscriber(subscriber.slug, subscriber.index),
            "SET sealed_address = :address, sealed_to = :key, #language = :language",
            condition="#state = :active",
            names={"#state": "state", "#language": "language"},
            values={
                ":active": SubscriberState.ACTIVE,
                ":address": subscriber.sealed_address,
                ":key": named_key(subscriber.sealed_address),
                ":language": subscriber.language,
            },
            return_values=False,
        )
    except ConditionFailed:
        return Confirmed.ENDED
    return Confirmed.STANDS


def mark_unsubscribed(
    table: Table,
    slug: str,
    index: str,
    *,
    now: datetime,
    link_lifetime: timedelta,
    subscribed_on: date | None = None,
) -> bool:
    """Q6: end a subscription and delete its address. False if none was active.

    With `subscribed_on` (UTC), only the subscription of that day.
    """
    condition, values = "#state = :active", {":active": str(SubscriberState.ACTIVE)}
    if subscribed_on is not None:
        condition += " AND subscribed_on = :day"
        values[":day"] = subscribed_on.isoformat()
    try:
        _end(table, slug, index, condition, values, now=now, link_lifetime=link_lifetime)
    except ConditionFailed:
        return False
    return True


def unsubscribe_pending(
    table: Table, slug: str, index: str, *, now: datetime, link_lifetime: timedelta
) -> None:
    """Q6: end a subscription, and any request from before `now` that is not confirmed yet."""
    _end(table, slug, index, "", {}, now=now, link_lifetime=link_lifetime)


def _end(
    table: Table,
    slug: str,
    index: str,
    condition: str,
    values: Mapping[str, str],
    *,
    now: datetime,
    link_lifetime: timedelta,
) -> None:
    """Replace a subscription with a tombstone, which expires after every earlier link.

    Raises ConditionFailed.
    """
    table.update(
        keys.subscriber(slug, index),
        "SET #state = :unsubscribed, unsubscribed_at = :now, expires_at = :expires_at "
        "REMOVE sealed_address, sealed_to, #language, frequency, ways, subscribed_on",
        condition=condition,
        names={"#state": "state", "#language": "language"},
        values={
            ":unsubscribed": SubscriberState.UNSUBSCRIBED,
            ":now": to_milliseconds(now),
            ":expires_at": to_epoch(now + link_lifetime + timedelta(days=1)),
            **values,
        },
        return_values=False,
    )


def active_among(table: Table, slug: str, indexes: Iterable[str]) -> dict[str, Subscriber]:
    """Q6: the active subscribers among up to 99, by blind index."""
    active = {}
    for item in table.find_many([keys.subscriber(slug, index) for index in indexes]):
        try:
            if SubscriberState(item["state"]) is SubscriberState.ACTIVE:
                active[item[keys.SK]] = _subscriber(slug, item)
        except (KeyError, TypeError, ValueError):
            # A damaged item must not stop the mails of the others.
            continue
    return active


def page_of_choices(
    table: Table,
    slug: str,
    shard: str,
    *,
    after: str | None,
    limit: int,
) -> tuple[Mapping[str, NewsChoice], str | None]:
    """Q7: the choices of the active among `limit` items of a shard, by index; the next cursor.

    Reads consistently: nobody is missed who subscribed or changed the choice just before.
    """
    items, cursor = table.page_of(
        keys.shard(slug, shard),
        after=after,
        limit=limit,
        attributes=(keys.SK, "state", "frequency", "ways"),
        consistent=True,
    )
    choices = {}
    for item in items:
        try:
            if SubscriberState(item["state"]) is SubscriberState.ACTIVE:
                choices[item[keys.SK]] = choice_of(item)
        except (KeyError, ValueError):
            # A damaged item must not stop the mails of the others.
            continue
    return choices, cursor


def count_by_key(table: Table, slug: str) -> Counter[bytes]:
    """Q27: the number of addresses that are sealed to each key, by its id in the seal."""
    return Counter(
        item["sealed_to"]
        for shard in keys.SHARDS
        for item in table.items_of(keys.shard(slug, shard), attributes=("sealed_to",))
        if "sealed_to" in item
    )


def page_of_outdated(
    table: Table, slug: str, shard: str, *, current_key: bytes, after: str | None, limit: int
) -> tuple[Sequence[str], str | None]:
    """Q7: the indexes among `limit` items of a shard whose address is sealed to another key.

    Returns the next cursor with them.
    """
    items, cursor = table.page_of(
        keys.shard(slug, shard), after=after, limit=limit, attributes=(keys.SK, "sealed_to")
    )
    return [it[keys.SK] for it in items if it.get("sealed_to", current_key) != current_key], cursor


def replace_seal(table: Table, slug: str, index: str, *, old: bytes, new: bytes) -> bool:
    """Q6: replace the seal of an address. False if it is another by now, or deleted."""
    try:
        table.update(
            keys.subscriber(slug, index),
            "SET sealed_address = :new, sealed_to = :key",
            condition="sealed_address = :old",
            values={":old": old, ":new": new, ":key": named_key(new)},
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def choice_of(item: Item) -> NewsChoice:
    """The choice in an item. Damaged ways are left out. Raises KeyError, ValueError."""
    stored = item.get("ways")
    ways = {
        name: Frequency(way) if way else None
        for name, way in (stored.items() if isinstance(stored, dict) else ())
        if way in ("", *Frequency)
    }
    return NewsChoice(frequency=Frequency(item["frequency"]), ways=ways)


def ways_item(choice: NewsChoice) -> Mapping[str, str]:
    """The ways of a choice as an attribute; "" for updates that do not come."""
    return {name: way or "" for name, way in choice.ways.items()}


def to_item(subscriber: Subscriber) -> Mapping[str, Any]:
    """The attributes of an active subscription, without its key."""
    item = {
        "state": SubscriberState.ACTIVE,
        "sealed_address": subscriber.sealed_address,
        "sealed_to": named_key(subscriber.sealed_address),
        "language": subscriber.language,
        "frequency": subscriber.choice.frequency,
        "subscribed_on": subscriber.subscribed_on.isoformat(),
    }
    return item | ({"ways": ways_item(subscriber.choice)} if subscriber.choice.ways else {})


def _subscriber(slug: str, item: Item) -> Subscriber:
    return Subscriber(
        slug=slug,
        index=item[keys.SK],
        sealed_address=item["sealed_address"],
        language=item["language"],
        choice=choice_of(item),
        subscribed_on=date.fromisoformat(item["subscribed_on"]),
    )
