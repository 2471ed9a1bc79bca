"""Subscribers are counted by language and frequency; who has left, or is damaged, is not."""

from datetime import timedelta

from chalicelib.domain.subscriber import Frequency, NewsChoice, Subscriber
from chalicelib.store import keys, subscribers
from chalicelib.usecases.subscriptions import counting
from tests import builders
from tests.world import World


def add(world: World, index: str, language: str, frequency: Frequency) -> None:
    subscriber = Subscriber(
        slug="open-door",
        index=index,
        sealed_address=bytes(1400),
        language=language,
        subscribed_on=builders.NOW.date(),
        choice=NewsChoice(frequency=frequency),
    )
    subscribers.add(world.services.subscribers, subscriber)


def test_subscribers_are_counted_in_every_shard(world: World) -> None:
    for number, shard in enumerate(keys.SHARDS):
        language = "be" if number % 2 else "ru"
        frequency = Frequency.WEEKLY if number < 4 else Frequency.EACH
        add(world, f"01{shard}{'0' * 31}", language, frequency)
    steps: list[tuple[int, int]] = []

    audience = counting.count_subscribers(
        world.services, "open-door", lambda shards, count: steps.append((shards, count))
    )

    assert audience.count == 16
    assert audience.of_frequency(Frequency.WEEKLY) == 4
    assert audience.counts["be", Frequency.EACH] == 6
    assert audience.by_language() == {"be": 8, "ru": 8}
    assert audience.without({"be": "a text"}) == {"ru": 8}
    assert steps == [(number, number) for number in range(1, 17)]


def test_who_has_left_and_what_is_damaged_is_not_counted(world: World) -> None:
    indexes = [f"01{shard}{'0' * 31}" for shard in "012"]
    for index in indexes:
        add(world, index, "be", Frequency.EACH)
    table, lifetime = world.services.subscribers, timedelta(days=7)
    subscribers.mark_unsubscribed(
        table, "open-door", indexes[0], now=builders.NOW, link_lifetime=lifetime
    )
    table.update(keys.subscriber("open-door", indexes[1]), "REMOVE frequency")

    audience = counting.count_subscribers(world.services, "open-door", lambda shards, count: None)

    assert audience.counts == {("be", Frequency.EACH): 1}
