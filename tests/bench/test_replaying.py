"""Answers from memory: to the same question the first, to another of its kind the first of them."""

import pytest

from bench import replaying
from bench.replaying import NotRecorded
from chalicelib.store.limits import post_counts, quotas
from tests.world import World


def count(world: World, network: str) -> int:
    now = world.clock.now()
    return quotas.count_post(world.services.petitions, network, cap=9, now=now).count


def test_what_is_asked_again_finds_everything_as_it_was_at_first(world: World) -> None:
    heard = replaying.recorded(lambda: [count(world, "a"), count(world, "a")])

    with replaying.replaying(heard):
        counts = [count(world, "a"), count(world, "a"), count(world, "b")]

    assert counts == [1, 1, 1]
    assert count(world, "a") == 3


def test_writes_of_another_kind_to_the_same_table_do_not_answer_each_other(world: World) -> None:
    def both() -> None:
        count(world, "a")
        post_counts.add_of_minute(world.services.petitions, 70, part="0", now=world.clock.now())

    heard = replaying.recorded(both)

    with replaying.replaying(heard):
        assert count(world, "b") == 1


def test_a_question_that_nobody_asked_before_is_no_failure_of_the_service(world: World) -> None:
    heard = replaying.recorded(lambda: count(world, "a"))

    with replaying.replaying(heard), pytest.raises(NotRecorded):
        world.get("/en/open-door")
