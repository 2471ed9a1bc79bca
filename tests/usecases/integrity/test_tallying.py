"""From the stream to one number: each change once, however it is delivered."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity.tally import SignatureChange, sequence
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.routes.events import streams
from chalicelib.store import keys, signatures, tallies
from chalicelib.usecases.integrity import tallying
from tests import builders
from tests.event_delivery import stream_event
from tests.faults import AwsCalls, recorded
from tests.world import World

SHARD = "shard-1"


def changes(*numbers: int, slug: str = "open-door") -> list[SignatureChange]:
    return [
        SignatureChange(slug=slug, sequence=sequence(str(number)), differences={"PL": 1})
        for number in numbers
    ]


def counted(world: World, slug: str = "open-door") -> int:
    return tallies.get(world.services.petitions, slug).count


def countries(world: World) -> dict[str, int]:
    return dict(tallies.get(world.services.petitions, "open-door").countries)


def test_a_batch_that_is_delivered_again_adds_nothing(world: World) -> None:
    batch = changes(1, 2, 3)

    for _ in range(3):
        tallying.count_changes(world.services, SHARD, batch)

    assert counted(world) == 3


def test_a_batch_that_is_cut_differently_adds_only_what_is_new(world: World) -> None:
    tallying.count_changes(world.services, SHARD, changes(1, 2, 3))

    tallying.count_changes(world.services, SHARD, changes(2, 3, 4, 5))
    tallying.count_changes(world.services, SHARD, changes(1))

    assert counted(world) == 5


def test_shards_do_not_hide_each_others_changes(world: World) -> None:
    tallying.count_changes(world.services, "shard-1", changes(100))
    tallying.count_changes(world.services, "shard-2", changes(1))

    assert counted(world) == 2


def test_petitions_in_one_batch_are_counted_apart(world: World) -> None:
    world.publish(builders.petition(slug="other-door"))

    tallying.count_changes(
        world.services, SHARD, changes(1, 4) + changes(2, 3, 5, slug="other-door")
    )

    assert counted(world) == 2
    assert counted(world, "other-door") == 3


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_redelivery_counts_each_change_once(world: World, seed: int) -> None:
    everything = changes(*range(1, 41))
    dice = random.Random(seed)
    batches: list[Sequence[SignatureChange]] = []
    start = 0
    while start < len(everything):
        end = start + dice.randint(1, 9)
        batches.append(everything[start:end])
        if dice.random() < 0.5:
            batches.append(everything[max(0, start - dice.randint(0, 5)) : end])
        start = end

    for batch in batches:
        tallying.count_changes(world.services, SHARD, batch)

    assert counted(world) == 40


def test_the_real_stream_delivered_twice_counts_once(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org")

    streams.tally(stream_event(world.stream_records()), None)

    assert world.count() == 3


def test_the_answer_keeps_lambdas_window_going(world: World) -> None:
    assert streams.tally(stream_event([]), None) == {"state": {}}


class Crowd:
    """People who sign, withdraw, sign anew; whose signatures are held, released, and expire."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.table, self.dice, self.now = world.services.signatures, dice, builders.NOW

    def act(self) -> None:
        """One person does one thing, or has it done to them."""
        self.now += timedelta(seconds=1)
        index = f"{self.dice.randrange(6):032x}"
        what = self.dice.choice([self._sign, self._sign, self._judge, self._withdraw, self._expire])
        what(index)

    def _sign(self, index: str) -> None:
        signature = SealedSignature(
            slug="open-door",
            index=index,
            sealed=b"sealed",
            country=self.dice.choice(["PL", "LT", ""]),
            language="be",
            confirmed_at=self.now,
            state=self.dice.choice([SignatureState.CONFIRMED, SignatureState.HELD]),
            signals=frozenset({Signal.HONEYPOT}),
        )
        signatures.add(self.table, signature, requested_at=self.now)

    def _judge(self, index: str) -> None:
        for standing in list(signatures.summaries_in(self.table, "open-door", "00")):
            if standing.index == index and standing.state is SignatureState.HELD:
                signatures.mark_released(self.table, standing)
            elif standing.index == index:
                signatures.mark_held(self.table, standing, why="burst")

    def _withdraw(self, index: str) -> None:
        signatures.mark_withdrawn(
            self.table, "open-door", index, now=self.now, link_lifetime=timedelta(days=7)
        )

    def _expire(self, index: str) -> None:
        kept = signatures.summaries_in(self.table, "open-door", "00")
        if index not in {standing.index for standing in kept}:
            self.table.delete(keys.signature("open-door", index))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_people_do_and_however_it_is_delivered_the_figures_are_those_of_the_table(
    world: World, seed: int
) -> None:
    dice = random.Random(seed)
    crowd = Crowd(world, dice)
    for _ in range(120):
        crowd.act()
    records = world.stream_records()

    start = 0
    while start < len(records):
        end = start + dice.randint(1, 15)
        for _ in range(dice.randint(1, 3)):
            again = max(0, start - dice.randint(0, 10))
            world.invoke(streams.tally, stream_event(records[again:end]))
        start = end

    tally = tallies.get(world.services.petitions, "open-door")
    in_table = signatures.count_in(world.services.signatures, "open-door", "00")
    assert len(records) > 20
    assert tally.countries == in_table
    assert tally.count == sum(in_table.values())


def test_counting_countries_makes_no_more_calls(world: World) -> None:
    for number, country in enumerate(["PL", "LT", "", "PL"]):
        world.sign(email=f"s{number}@example.org", country=country)
        world.deliver_all()
        world.post(world.link(), {})

    with recorded(AwsCalls()) as calls:
        world.deliver_stream()

    assert calls.made == ["dynamodb.GetItem", "dynamodb.UpdateItem"]
    assert countries(world) == {"PL": 2, "LT": 1, "": 1}


def test_who_withdraws_leaves_the_figure_of_their_country(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org", country="PL")
    world.sign_and_confirm(email="nina@example.org", country="PL")

    index = world.signatures()[0]["sk"]
    signatures.mark_withdrawn(
        world.services.signatures,
        "open-door",
        index,
        now=world.clock.now(),
        link_lifetime=timedelta(days=7),
    )
    world.deliver_all()

    assert countries(world) == {"PL": 1}


def _spoil(world: World, **wrong: int) -> None:
    """Add to figures what is not so."""
    world.services.petitions.update(
        keys.tally("open-door"),
        "ADD #count :count, #country :country",
        names={"#count": "count", "#country": "country#PL"},
        values={":count": wrong["count"], ":country": wrong["country"]},
    )


@pytest.mark.parametrize("wrong", [-1, 5])
def test_figures_that_are_too_low_or_too_high_are_repaired(world: World, wrong: int) -> None:
    world.sign_and_confirm(country="PL")
    _spoil(world, count=wrong, country=2 * wrong)

    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": -wrong}
    assert counted(world) == 1
    assert countries(world) == {"PL": 1}


def test_a_tally_from_before_there_were_countries_is_filled(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org", country="PL")
    world.sign_and_confirm(email="nina@example.org", country="")
    world.services.petitions.update(
        keys.tally("open-door"),
        "REMOVE #pl, #unsaid",
        names={"#pl": "country#PL", "#unsaid": "country#"},
    )

    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": 0}
    assert countries(world) == {"PL": 1, "": 1}
    assert counted(world) == 2
    assert tallying.reconcile(world.services, sleep=lambda seconds: None) == {}


def test_who_withdraws_while_it_counts_is_no_drift(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org", country="PL")
    index = world.signatures()[0]["sk"]
    link_lifetime = timedelta(days=7)
    signatures.mark_withdrawn(
        world.services.signatures, "open-door", index, now=builders.NOW, link_lifetime=link_lifetime
    )

    # The table knows; the stream brings it only while reconciliation waits.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: world.deliver_all())

    assert repaired == {}
    assert countries(world) == {"PL": 2}


def test_a_tally_that_the_stream_never_touched_is_repaired(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    world.post(world.link(), {})

    # The stream brings nothing at all.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": 1}


def test_a_tally_that_is_right_is_left_alone_and_not_waited_for(world: World) -> None:
    """Nor is that of a country whose last signer has withdrawn."""
    waits: list[float] = []
    world.sign_and_confirm(email="hanna@example.org", country="PL")
    world.sign_and_confirm(email="nina@example.org", country="LT")
    world.withdraw("nina@example.org")

    assert tallying.reconcile(world.services, sleep=waits.append) == {}
    assert waits == []
    assert countries(world) == {"PL": 1}


def test_who_signs_while_it_counts_is_no_drift(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    link = world.link()
    world.post(link, {})

    # The stream brings the change only while reconciliation waits for it.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: world.deliver_all())

    assert repaired == {}
    assert counted(world) == 1


def test_fences_of_silent_shards_are_forgotten(world: World) -> None:
    tallying.count_changes(world.services, "old-shard", changes(1))
    world.clock.advance(days=4)
    tallying.count_changes(world.services, "new-shard", changes(1))

    tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert tallies.find_fence(world.services.petitions, "open-door", "old-shard") is None
    assert tallies.find_fence(world.services.petitions, "open-door", "new-shard") == sequence("1")
