"""The pace of a petition is of the days that it is open, and a forecast needs signatures."""

from datetime import date, timedelta

from chalicelib.domain.petitions import progress

TODAY = date(2026, 2, 20)


def pace_of(days: dict[date, int], opens_on: date) -> float:
    of = progress.paced_days(opens_on, days, TODAY)
    return progress.pace(days, TODAY, of=of)


def test_the_first_day_counts() -> None:
    assert pace_of({TODAY: 5}, TODAY) == 5


def test_days_since_the_opening_count_also_without_a_signature() -> None:
    assert pace_of({TODAY: 6}, TODAY - timedelta(days=2)) == 2


def test_seven_days_with_today_count_at_most() -> None:
    days = {TODAY - timedelta(days=7): 700, TODAY - timedelta(days=6): 7, TODAY: 7}

    assert pace_of(days, TODAY - timedelta(days=30)) == 2


def test_a_petition_that_is_not_open_yet_has_no_pace() -> None:
    assert pace_of({}, TODAY + timedelta(days=3)) == 0


def test_nothing_is_forecast_without_a_signature() -> None:
    [goal] = progress.goals([100], {}, per_day=0.0, today=TODAY)

    assert goal.reached_on is None
    assert goal.expected_on is None
