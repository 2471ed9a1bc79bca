"""Starts subscriptions and changes their preferences, over two tables: subscribers and petitions.

An alert decides by the stored choice whom it reaches. So a change of the frequency is written on
condition that no alert has started since the updates underway were read: these keep their way. To
who comes back they do not come: nothing is kept of what was sent to an address before it left.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.subscriber import Confirmed, Frequency, Subscriber, SubscriberState
from chalicelib.store import keys
from chalicelib.store.alerts import digests
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds
from chalicelib.store.dynamodb.table import Table, Write, find_across, transact_across
from chalicelib.store.subscribers import add, choice_of, to_item, ways_item

_MAX_ATTEMPTS: Final = 5
_ENDING: Final = (keys.PK, keys.SK, "state", "unsubscribed_at")
_SUBSCRIPTION: Final = (keys.PK, keys.SK, "state", "frequency", "ways")
_NEWS: Final = (keys.PK, keys.SK, *digests.UNDERWAY)


def start(
    subscribers: Table, petitions: Table, subscriber: Subscriber, *, requested_at: datetime
) -> Confirmed:
    """Q6, Q18: store a subscription, unless one was ended after `requested_at`. Safe to repeat.

    Of an active one, the day and the frequency stay. One write for who was never subscribed, two
    where one stands; else one read more, and one write if the subscriber comes back. Raises
    Unavailable, also when alert after alert starts meanwhile.
    """
    key, news = keys.subscriber(subscriber.slug, subscriber.index), keys.news(subscriber.slug)
    for _ in range(_MAX_ATTEMPTS):
        confirmed = add(subscribers, subscriber)
        if confirmed is not Confirmed.ENDED:
            return confirmed
        stored, underway = find_across(
            [(subscribers, key), (petitions, news)],
            attributes={subscribers.name: _ENDING, petitions.name: _NEWS},
        )
        if stored is None or stored["state"] == SubscriberState.ACTIVE:
            # It has expired, or come back by another worker.
            continue
        ended_at: int | None = stored.get("unsubscribed_at")
        if ended_at is None or ended_at >= to_milliseconds(requested_at):
            return Confirmed.ENDED
        choice = subscriber.choice.without(_names(underway))
        comes_back = Write(
            key=key,
            item=to_item(replace(subscriber, choice=choice)),
            condition="#state = :unsubscribed AND unsubscribed_at = :ended_at",
            names={"#state": "state"},
            values={":unsubscribed": SubscriberState.UNSUBSCRIBED, ":ended_at": ended_at},
        )
        try:
            transact_across([(subscribers, comes_back), (petitions, _unchanged(news, underway))])
        except ConditionFailed:
            continue
        return Confirmed.STARTED
    raise Unavailable


def save(
    subscribers: Table,
    petitions: Table,
    slug: str,
    index: str,
    *,
    language: str,
    frequency: Frequency,
) -> bool:
    """Q6, Q18: change language and frequency of an active subscription. False if none is active.

    Safe to repeat. Raises Unavailable, also when alert after alert starts meanwhile.
    """
    subscription, news = keys.subscriber(slug, index), keys.news(slug)
    for _ in range(_MAX_ATTEMPTS):
        stored, underway = find_across(
            [(subscribers, subscription), (petitions, news)],
            attributes={subscribers.name: _SUBSCRIPTION, petitions.name: _NEWS},
        )
        if stored is None or stored.get("state") != SubscriberState.ACTIVE:
            return False
        change = _change(stored, underway, language=language, frequency=frequency)
        unchanged = _unchanged(news, underway)
        try:
            transact_across([(subscribers, change), (petitions, unchanged)])
        except ConditionFailed:
            continue
        return True
    raise Unavailable


def _change(stored: Item, underway: Item | None, *, language: str, frequency: Frequency) -> Write:
    """The write of a change, on condition that the subscription is as it was read."""
    choice = choice_of(stored).changed(frequency, underway=_names(underway))
    values: dict[str, Any] = {
        ":active": SubscriberState.ACTIVE,
        ":language": language,
        ":frequency": frequency,
        ":old_frequency": stored["frequency"],
    }
    expression = "SET #language = :language, frequency = :frequency"
    if choice.ways:
        expression += ", ways = :ways"
        values[":ways"] = ways_item(choice)
    else:
        expression += " REMOVE ways"
    condition = "#state = :active AND frequency = :old_frequency AND "
    if "ways" in stored:
        condition += "ways = :old_ways"
        values[":old_ways"] = stored["ways"]
    else:
        condition += "attribute_not_exists(ways)"
    return Write(
        key={keys.PK: stored[keys.PK], keys.SK: stored[keys.SK]},
        expression=expression,
        condition=condition,
        names={"#state": "state", "#language": "language"},
        values=values,
    )


def _names(underway: Item | None) -> Collection[str]:
    """The names of the updates underway."""
    return digests.from_item(underway).underway if underway else ()


def _unchanged(key: keys.Key, underway: Item | None) -> Write:
    """The condition that no alert of the petition has started since the item was read."""
    seen = (underway or {}).get(digests.REVISION)
    if seen is None:
        condition, values = f"attribute_not_exists({digests.REVISION})", None
    else:
        condition, values = f"{digests.REVISION} = :seen", {":seen": seen}
    return Write(key=key, only_check=True, condition=condition, values=values)
