"""Petitions: their state, next goal and fallback language."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.petitions.petition import PetitionState, next_goal
from tests.builders import petition


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), PetitionState.UPCOMING),
        (datetime(2026, 1, 1, tzinfo=UTC), PetitionState.OPEN),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), PetitionState.OPEN),
        (datetime(2027, 1, 1, tzinfo=UTC), PetitionState.CLOSED),
    ],
)
def test_a_petition_is_open_from_its_first_to_its_last_day(
    moment: datetime, state: PetitionState
) -> None:
    door = petition(opens_on=date(2026, 1, 1), closes_on=date(2026, 12, 31))

    assert door.state(moment) is state


def test_a_petition_whose_key_nobody_has_proven_never_opens() -> None:
    door = petition(key_proven=False, closes_on=date(2026, 12, 31))

    assert door.state(datetime(2026, 6, 1, tzinfo=UTC)) is PetitionState.UPCOMING
    assert door.state(datetime(2027, 6, 1, tzinfo=UTC)) is PetitionState.CLOSED


def test_the_last_day_ends_at_midnight_utc() -> None:
    door = petition(closes_on=date(2026, 2, 28))

    assert door.closes_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert door.state(door.closes_at - timedelta(microseconds=1)) is PetitionState.OPEN


def test_a_petition_that_was_closed_on_its_last_day_ends_at_that_moment() -> None:
    noon = datetime(2026, 2, 28, 12, tzinfo=UTC)
    door = petition(closes_on=date(2026, 2, 28), closed_at=noon)

    assert door.state(noon - timedelta(milliseconds=1)) is PetitionState.OPEN
    assert door.state(noon) is PetitionState.CLOSED


@pytest.mark.parametrize(
    ("count", "goal"),
    [(0, 10), (9, 10), (10, 100), (99, 100), (100, 200), (101, 200), (1000, 1100)],
)
def test_the_next_goal_is_always_above_the_count(count: int, goal: int) -> None:
    assert next_goal((10, 100), count) == goal


def test_a_language_that_is_missing_falls_back_to_the_first() -> None:
    door = petition()

    assert door.text("pl") == door.texts["en"]
    assert door.text("be").title == "Адчыніце дзверы"
