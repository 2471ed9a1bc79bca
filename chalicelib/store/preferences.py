"""Changes a subscriber's preferences, over the tables of subscribers and petitions.

An alert decides by the stored choice whom it reaches. So a change of the frequency is written on
condition that no alert has started since the updates underway were read: these keep their way.
"""

from typing import Final

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.store import keys
from chalicelib.store.alerts import digests
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table, Write, find_across, transact_across
from chalicelib.store.subscribers import choice_of

_MAX_ATTEMPTS: Final = 5
_SUBSCRIPTION: Final = (keys.PK, keys.SK, "state", "frequency", "ways")
_NEWS: Final = (keys.PK, keys.SK, *digests.UNDERWAY)


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
    names = digests.from_item(underway).underway if underway else ()
    choice = choice_of(stored).changed(frequency, underway=names)
    values = {
        ":active": SubscriberState.ACTIVE,
        ":language": language,
        ":frequency": frequency,
        ":old_frequency": stored["frequency"],
    }
    expression = "SET #language = :language, frequency = :frequency"
    if choice.ways:
        expression += ", ways = :ways"
        values[":ways"] = choice.ways
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


def _unchanged(key: keys.Key, underway: Item | None) -> Write:
    """The condition that no alert of the petition has started since the item was read."""
    seen = (underway or {}).get(digests.REVISION)
    if seen is None:
        condition, values = f"attribute_not_exists({digests.REVISION})", None
    else:
        condition, values = f"{digests.REVISION} = :seen", {":seen": seen}
    return Write(key=key, only_check=True, condition=condition, values=values)
