"""The tally counts each change of the stream once, however it is delivered."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity.tally import SignatureChange, sequence
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.signature_filter import SignatureSummary
from chalicelib.routes.events import streams
from chalicelib.store import keys
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.signatures import signature_revisions, signatures
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


def count_of(world: World, slug: str = "open-door") -> int:
    return tallies.get(world.services.petitions, slug).count


def countries(world: World) -> dict[str, int]:
    return dict(tallies.get(world.services.petitions, "open-door").countries)


def test_a_redelivered_batch_counts_once(world: World) -> None:
    batch = changes(1, 2, 3)

    for _ in range(3):
        tallying.count_changes(world.services, SHARD, batch)

    assert count_of(world) == 3


def test_a_redelivered_batch_with_other_bounds_counts_only_new_changes(world: World) -> None:
    tallying.count_changes(world.services, SHARD, changes(1, 2, 3))

    tallying.count_changes(world.services, SHARD, changes(2, 3, 4, 5))
    tallying.count_changes(world.services, SHARD, changes(1))

    assert count_of(world) == 5


def test_shards_are_counted_independently(world: World) -> None:
    tallying.count_changes(world.services, "shard-1", changes(100))
    tallying.count_changes(world.services, "shard-2", changes(1))

    assert count_of(world) == 2


def test_petitions_in_one_batch_are_counted_separately(world: World) -> None:
    world.publish(builders.petition(slug="other-door"))

    tallying.count_changes(
        world.services, SHARD, changes(1, 4) + changes(2, 3, 5, slug="other-door")
    )

    assert count_of(world) == 2
    assert count_of(world, "other-door") == 3


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_redelivery_counts_each_change_once(world: World, seed: int) -> None:
    everything = changes(*range(1, 41))
    random_source = random.Random(seed)
    batches: list[Sequence[SignatureChange]] = []
    start = 0
    while start < len(everything):
        end = start + random_source.randint(1, 9)
        batches.append(everything[start:end])
        if random_source.random() < 0.5:
            batches.append(everything[max(0, start - random_source.randint(0, 5)) : end])
        start = end

    for batch in batches:
        tallying.count_changes(world.services, SHARD, batch)

    assert count_of(world) == 40


def test_the_real_stream_delivered_twice_counts_once(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org")

    streams.tally(stream_event(world.stream_records()), None)

    assert world.count() == 3


def test_the_response_keeps_lambdas_window_open(world: World) -> None:
    assert streams.tally(stream_event([]), None) == {"state": {}}


class RandomSignatures:
    """Random additions, withdrawals, holds, releases and expiries of signatures."""

    def __init__(self, world: World, random_source: random.Random) -> None:
        self.table, self.random, self.now = world.services.signatures, random_source, builders.NOW

    def change(self) -> None:
        """One random change of one random signature."""
        self.now += timedelta(seconds=1)
        index = f"{self.random.randrange(6):032x}"
        what = self.random.choice(
            [self._sign, self._sign, self._moderate, self._withdraw, self._expire]
        )
        what(index)

    def _sign(self, index: str) -> None:
        signature = SealedSignature(
            slug="open-door",
            index=index,
            sealed=b"sealed",
            attestation=self.random.randbytes(ATTESTATION_BYTES),
            country=self.random.choice(["PL", "LT", ""]),
            confirmed_on=self.now.date(),
            state=self.random.choice([SignatureState.CONFIRMED, SignatureState.HELD]),
            signals=frozenset({Signal.HONEYPOT}),
        )
        signatures.add(self.table, signature, requested_at=self.now)

    def _moderate(self, index: str) -> None:
        for summary in list(signatures.summaries_in(self.table, "open-door", "00")):
            assert isinstance(summary, SignatureSummary)
            if summary.index == index and summary.state is SignatureState.HELD:
                signature_revisions.mark_released(self.table, summary)
            elif summary.index == index:
                signature_revisions.mark_held(self.table, summary, why="burst")

    def _withdraw(self, index: str) -> None:
        signatures.mark_withdrawn(
            self.table, "open-door", index, now=self.now, link_lifetime=timedelta(days=7)
        )

    def _expire(self, index: str) -> None:
        summaries = signatures.summaries_in(self.table, "open-door", "00")
        if index not in {summary.index for summary in summaries}:
            self.table.delete(keys.signature("open-door", index))


@pytest.mark.parametrize("seed", range(5))
def test_random_changes_and_deliveries_give_the_figures_of_the_table(
    world: World, seed: int
) -> None:
    random_source = random.Random(seed)
    random_signatures = RandomSignatures(world, random_source)
    for _ in range(120):
        random_signatures.change()
    records = world.stream_records()

    start = 0
    while start < len(records):
        end = start + random_source.randint(1, 15)
        for _ in range(random_source.randint(1, 3)):
            again = max(0, start - random_source.randint(0, 10))
            world.invoke(streams.tally, stream_event(records[again:end]))
        start = end

    tally = tallies.get(world.services.petitions, "open-door")
    in_table = signatures.count_in(world.services.signatures, "open-door", "00")
    assert len(records) > 20
    assert tally.countries == in_table.confirmed
    assert tally.count == sum(in_table.confirmed.values())
    assert breakdowns.get(world.services.petitions, "open-door").figures == in_table.breakdown


def test_counting_countries_makes_no_more_calls(world: World) -> None:
    for number, country in enumerate(["PL", "LT", "", "PL"]):
        world.sign(email=f"s{number}@example.org", country=country)
        world.deliver_all()
        world.post(world.link(), {})

    with recorded(AwsCalls()) as calls:
        world.deliver_stream()

    assert calls.made == ["dynamodb.GetItem", "dynamodb.UpdateItem"] * 2
    assert countries(world) == {"PL": 2, "LT": 1, "": 1}


def test_a_withdrawal_lowers_the_figure_of_its_country(world: World) -> None:
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


def _falsify(world: World, **wrong: int) -> None:
    """Add wrong numbers to the figures."""
    world.services.petitions.update(
        keys.tally("open-door"),
        "ADD #count :count, #country :country",
        names={"#count": "count", "#country": "country#PL"},
        values={":count": wrong["count"], ":country": wrong["country"]},
    )


@pytest.mark.parametrize("wrong", [-1, 5])
def test_wrong_figures_are_repaired(world: World, wrong: int) -> None:
    world.sign_and_confirm(country="PL")
    _falsify(world, count=wrong, country=2 * wrong)

    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": -wrong}
    assert count_of(world) == 1
    assert countries(world) == {"PL": 1}


def test_missing_country_figures_are_filled_in(world: World) -> None:
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
    assert count_of(world) == 2
    assert tallying.reconcile(world.services, sleep=lambda seconds: None) == {}


def test_a_withdrawal_during_reconciliation_is_no_drift(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org", country="PL")
    index = world.signatures()[0]["sk"]
    link_lifetime = timedelta(days=7)
    signatures.mark_withdrawn(
        world.services.signatures, "open-door", index, now=builders.NOW, link_lifetime=link_lifetime
    )

    # The table is ahead; the stream delivers while reconciliation waits.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: world.deliver_all())

    assert repaired == {}
    assert countries(world) == {"PL": 2}


def test_a_tally_without_any_stream_record_is_repaired(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    world.post(world.link(), {})

    # The stream delivers nothing.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": 1}


def test_a_correct_tally_is_not_changed_and_needs_no_wait(world: World) -> None:
    """A country whose last signature was withdrawn is correct, too."""
    waits: list[float] = []
    world.sign_and_confirm(email="hanna@example.org", country="PL")
    world.sign_and_confirm(email="nina@example.org", country="LT")
    world.withdraw("nina@example.org")

    assert tallying.reconcile(world.services, sleep=waits.append) == {}
    assert waits == []
    assert countries(world) == {"PL": 1}


def test_a_signature_during_reconciliation_is_no_drift(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    link = world.link()
    world.post(link, {})

    # The stream delivers the change while reconciliation waits.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: world.deliver_all())

    assert repaired == {}
    assert count_of(world) == 1


def test_fences_of_closed_shards_do_not_accumulate(world: World) -> None:
    """A week in which a shard closes every four hours, as DynamoDB's do."""
    for number in range(7 * 6):
        tallying.count_changes(world.services, f"shard-{number}", changes(number + 1))
        world.clock.advance(hours=4)

    fences = tallies.fences(world.services.petitions, "open-door")
    assert fences.keys() == {f"shard-{number}" for number in range(35, 42)}
    assert count_of(world) == 42


def test_a_batch_that_is_delivered_again_within_a_day_counts_once(world: World) -> None:
    tallying.count_changes(world.services, "old-shard", changes(1, 2, 3))
    world.clock.advance(hours=24)
    tallying.count_changes(world.services, "new-shard", changes(9))

    tallying.count_changes(world.services, "old-shard", changes(2, 3))

    assert count_of(world) == 4
