"""Public figures are set at the moments of the clock, once each, whatever fails or runs twice."""

from contextlib import suppress
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.integrity.public_figures import BUSY_FACTOR, PublicFigures
from chalicelib.store import keys
from chalicelib.store.integrity import public_figures, tallies
from chalicelib.usecases.integrity import disclosing
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

IDLE = ["dynamodb.GetItem"]


def shown(world: World, slug: str = "open-door") -> PublicFigures:
    return public_figures.get(world.services.petitions, slug)


def look(world: World, *draws: int) -> None:
    """Run the clock once; without draws nothing is taken off, and too many fail."""
    drawn = iter(draws)
    disclosing.every_minute(world.services, draw=lambda _: next(drawn) if draws else 0)


@pytest.fixture
def noon(world: World) -> World:
    """A minute after noon, when nobody has signed and everything has been looked at."""
    look(world)
    world.clock.advance(minutes=1)
    return world


def test_figures_stand_still_until_the_next_hour(noon: World) -> None:
    noon.raise_tally(PL=12)
    for _ in range(58):
        look(noon)
        assert shown(noon) == PublicFigures()
        noon.clock.advance(minutes=1)

    noon.clock.advance(minutes=1)
    look(noon)

    assert shown(noon).count == 10


def test_the_countries_wait_for_the_next_day(noon: World) -> None:
    noon.raise_tally(PL=12, LT=12, DE=12)

    noon.clock.advance(hours=11)
    look(noon)
    assert shown(noon) == PublicFigures(count=35)

    noon.clock.advance(hours=1)
    look(noon)
    assert shown(noon).countries == {"PL": 10, "LT": 10, "DE": 10}


def test_a_missed_hour_is_caught_up_by_the_next_run(noon: World) -> None:
    noon.raise_tally(PL=12)
    noon.clock.advance(minutes=66)

    look(noon)

    assert shown(noon).count == 10
    noon.raise_tally(PL=20)
    noon.clock.advance(minutes=50)
    look(noon)
    assert shown(noon).count == 10, "before the next hour"
    noon.clock.advance(minutes=3)
    look(noon)
    assert shown(noon).count == 30


def test_while_many_sign_figures_move_every_ten_minutes_then_every_minute(noon: World) -> None:
    noon.raise_tally(PL=49)
    noon.clock.advance(minutes=9)
    look(noon)
    assert shown(noon).count == 0

    noon.raise_tally(PL=600)
    noon.clock.advance(minutes=10)
    look(noon)
    assert shown(noon).count == 600

    noon.raise_tally(PL=860)
    noon.clock.advance(minutes=1)
    look(noon)
    assert shown(noon).count == 1500

    noon.raise_tally(PL=60)
    for _ in range(2):
        noon.clock.advance(minutes=1)
        look(noon)
    assert public_figures.last_look(noon.services.petitions).busy is False
    assert shown(noon).count == 1500


def test_a_figure_never_falls_while_people_can_sign_or_confirm(noon: World) -> None:
    noon.raise_tally(PL=30)
    noon.set_figures()
    noon.raise_tally(PL=-29)

    noon.set_figures()
    assert shown(noon) == PublicFigures(count=30, countries={"PL": 30})

    noon.clock.moment = builders.petition().closes_at + noon.services.settings.link_lifetime
    noon.clock.advance(minutes=-1)
    look(noon)
    assert shown(noon).count == 30


def test_the_final_figures_are_set_once_and_may_fall(noon: World) -> None:
    noon.raise_tally(PL=30)
    noon.set_figures()
    noon.raise_tally(PL=-8)
    noon.clock.moment = builders.petition().closes_at + noon.services.settings.link_lifetime

    look(noon)
    assert shown(noon) == PublicFigures(count=20, countries={"PL": 20})

    noon.raise_tally(PL=50)
    with recorded(AwsCalls()) as calls:
        noon.set_figures()
    assert shown(noon).count == 20
    assert "dynamodb.UpdateItem" not in calls.made


def test_a_run_between_two_moments_makes_one_call(noon: World) -> None:
    noon.raise_tally(PL=500)

    with recorded(AwsCalls()) as calls:
        look(noon)

    assert calls.made == IDLE


def test_a_moment_is_drawn_for_once_however_often_it_is_looked_at(noon: World) -> None:
    """Each draw more would tell more about the last signature."""
    noon.raise_tally(PL=5)
    noon.clock.advance(hours=1)
    look(noon, 4)
    noon.services.petitions.delete(keys.last_look())

    look(noon)

    assert shown(noon).count == 0


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.KILLED_BEFORE])
def test_a_fault_at_any_call_draws_for_no_moment_twice(noon: World, fault: Fault) -> None:
    noon.raise_tally(PL=12)
    noon.clock.advance(hours=1)
    go_back = noon.snapshot()
    with recorded(AwsCalls()) as calls:
        look(noon)
    assert calls.made.count("dynamodb.UpdateItem") == 1

    for position, name in enumerate(calls.made):
        go_back()
        with (
            recorded(AwsCalls(at=position, fault=fault)),
            suppress(Crash, Exception),
        ):
            disclosing.every_minute(noon.services, draw=lambda _: 4)
        noon.restart()
        first = tallies.get(noon.services.petitions, "open-door")
        noon.clock.advance(minutes=1)
        look(noon)

        second = tallies.get(noon.services.petitions, "open-door")
        where = f"{fault.value} at {position}, {name}"
        if first.looked_at == noon.clock.now().replace(minute=0):
            assert (first.public.count, second) == (5, first), where
        else:
            assert (first.public.count, second.public.count) == (0, 10), where


def test_two_clocks_at_once_draw_once(noon: World) -> None:
    noon.raise_tally(PL=12)
    noon.clock.advance(hours=1)

    def draw_while_another_run_ends(_: int) -> int:
        disclosing.every_minute(noon.services, draw=lambda _: 4)
        return 0

    disclosing.every_minute(noon.services, draw=draw_while_another_run_ends)

    assert shown(noon).count == 5


def test_a_fault_of_one_petition_stops_no_other(
    noon: World, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, Any]]
) -> None:
    noon.publish(builders.petition(slug="a-door"))
    noon.raise_tally(PL=12)
    noon.clock.advance(hours=1)
    real = tallies.get

    def unreadable(table: Any, slug: str) -> Any:
        if slug == "a-door":
            raise Unavailable
        return real(table, slug)

    monkeypatch.setattr(tallies, "get", unreadable)
    with pytest.raises(Unavailable):
        look(noon)
    assert shown(noon).count == 10
    assert "public figures of a-door not set: Unavailable" in str(log_lines)

    # The next run repeats only what has failed: nothing comes to depend on when somebody signs.
    noon.raise_tally(PL=20)
    noon.clock.advance(minutes=1)
    with pytest.raises(Unavailable):
        look(noon)
    assert shown(noon).count == 10


def test_figures_of_a_damaged_item_are_set_anew(noon: World) -> None:
    noon.raise_tally(PL=12)
    noon.services.petitions.update(
        keys.tally("open-door"),
        "SET public_count = :text, public_countries = :text, public_since = :text",
        values={":text": "many"},
    )
    noon.clock.advance(hours=1)

    look(noon)

    assert shown(noon).count == 10


@pytest.mark.parametrize("text", ["soon", ""])
def test_a_damaged_last_look_is_none(noon: World, text: str) -> None:
    noon.services.petitions.put(keys.last_look(), {"looked_at": text, "busy": text})
    noon.raise_tally(PL=12)
    noon.clock.advance(hours=1)

    look(noon)

    assert shown(noon).count == 10


def test_a_petition_that_cannot_have_been_published_is_left_out(noon: World) -> None:
    noon.services.petitions.put(keys.petition("odd"), {"closes_on": 7, "closed_at": None})

    assert public_figures.closing_moments(noon.services.petitions).keys() == {"open-door"}


def test_the_clock_of_the_service_sets_figures(noon: World) -> None:
    noon.raise_tally(PL=5 + 2 * BUSY_FACTOR)
    noon.clock.advance(hours=1)

    noon.run_every_minute()

    assert shown(noon).count in (200, 205)
