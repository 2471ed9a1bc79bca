"""A report for a petition's target has exact figures, and none that could point to a person."""

from datetime import date, datetime

import pytest

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.petitions import hand_in
from chalicelib.domain.petitions.hand_in import HandInFigures
from tests import builders

TODAY = date(2026, 3, 8)


def figures(
    count: int = 100,
    countries: dict[str, int] | None = None,
    days: dict[date, int] | None = None,
    counted_at: datetime = builders.NOW,
) -> HandInFigures:
    return hand_in.figures(
        count, (countries or {}).items(), (days or {}).items(), counted_at=counted_at
    )


def test_countries_from_ten_up_are_told_largest_first_and_the_rest_together() -> None:
    told = figures(100, {"PL": 10, "LT": 9, "": 50, "BY": 30, "DE": 1})

    assert told.countries == [("BY", 30), ("PL", 10)]
    assert told.other_countries == 60


def test_days_from_ten_up_are_told_in_their_order_and_the_rest_together() -> None:
    first, second, third = (date(2026, 3, day) for day in (1, 2, 3))

    told = figures(35, days={third: 10, second: 9, first: 16})

    assert told.days == [(first, 16), (third, 10)]
    assert told.other_days == 9


def test_parts_that_are_ahead_of_the_total_leave_no_negative_rest() -> None:
    told = figures(10, {"PL": 11}, {TODAY: 12})

    assert (told.other_countries, told.other_days) == (0, 0)


@pytest.mark.parametrize("typed", ["2026-01-01", "2026-03-08", " 2026-02-01 "])
def test_a_day_between_opening_and_today_is_taken(typed: str) -> None:
    day = hand_in.parse_day(typed, builders.petition(), TODAY)

    assert day.isoformat() == typed.strip()


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-02-30", "2026-03-09", "2025-12-31"])
def test_any_other_day_is_refused(typed: str) -> None:
    with pytest.raises(InvalidForm) as caught:
        hand_in.parse_day(typed, builders.petition(), TODAY)

    assert list(caught.value.errors) == ["day"]
