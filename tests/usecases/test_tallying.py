"""From the stream to one number: each change once, however it is delivered."""

import random
from collections.abc import Sequence

import pytest

from chalicelib.domain.tally import Change, sequence
from chalicelib.routes import events
from chalicelib.store import keys, tallies
from chalicelib.usecases import tallying
from tests import builders
from tests.world import World, stream_event

SHARD = "shard-1"


def changes(*numbers: int, slug: str = "open-door", difference: int = 1) -> list[Change]:
    return [
        Change(slug=slug, sequence=sequence(str(number)), difference=difference)
        for number in numbers
    ]


def counted(world: World, slug: str = "open-door") -> int:
    return tallies.get(world.services.desk, slug).count


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
    batches: list[Sequence[Change]] = []
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

    events.tally(stream_event(world.stream_records()), None)

    assert world.count() == 3


def test_the_answer_keeps_lambdas_window_going(world: World) -> None:
    assert events.tally(stream_event([]), None) == {"state": {}}


def test_a_tally_that_lost_a_signature_is_repaired(world: World) -> None:
    world.sign_and_confirm()
    world.services.desk.update(
        keys.tally("open-door"),
        "ADD #count :wrong",
        names={"#count": "count"},
        values={":wrong": -1},
    )

    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": 1}
    assert counted(world) == 1


def test_a_tally_that_counted_too_many_is_repaired(world: World) -> None:
    world.sign_and_confirm()
    world.services.desk.update(
        keys.tally("open-door"),
        "ADD #count :wrong",
        names={"#count": "count"},
        values={":wrong": 5},
    )

    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": -5}
    assert counted(world) == 1


def test_a_tally_that_the_stream_never_touched_is_repaired(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.settle()
    world.post(world.link(), {})

    # The stream brings nothing at all.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert repaired == {"open-door": 1}


def test_a_tally_that_is_right_is_left_alone(world: World) -> None:
    world.sign_and_confirm()

    assert tallying.reconcile(world.services, sleep=lambda seconds: None) == {}


def test_who_signs_while_it_counts_is_no_drift(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.settle()
    link = world.link()
    world.post(link, {})

    # The stream brings the change only while reconciliation waits for it.
    repaired = tallying.reconcile(world.services, sleep=lambda seconds: world.settle())

    assert repaired == {}
    assert counted(world) == 1


def test_fences_of_silent_shards_are_forgotten(world: World) -> None:
    tallying.count_changes(world.services, "old-shard", changes(1))
    world.clock.advance(days=4)
    tallying.count_changes(world.services, "new-shard", changes(1))

    tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert tallies.find_fence(world.services.desk, "open-door", "old-shard") is None
    assert tallies.find_fence(world.services.desk, "open-door", "new-shard") == sequence("1")
