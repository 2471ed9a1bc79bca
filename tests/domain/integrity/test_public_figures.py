"""Public figures: when they are due, how they are rounded, and what that hides."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.public_figures import (
    BUSY_FACTOR,
    MAX_COUNTRIES,
    MIN_COUNTRIES,
    NEVER,
    DueMoment,
    PublicFigures,
    Rounding,
    due_moment,
    figures_at,
    next_hour,
)

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
FACTORS = (1, 10, BUSY_FACTOR)
ROUNDING = Rounding(step=5, country_minimum=10)
COUNTS = st.integers(min_value=0, max_value=2000)
BY_COUNTRY = st.dictionaries(
    st.sampled_from(["", *sorted(COUNTRIES)]), st.integers(min_value=-5, max_value=200)
)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def at_noon(factor: int = 1, *, with_countries: bool = False) -> DueMoment:
    return DueMoment(at=NOON, factor=factor, with_countries=with_countries)


def count_at(moment: DueMoment, shown: int, exact: int, drawn: int, *, ended: bool = False) -> int:
    return figures_at(
        moment,
        PublicFigures(count=shown),
        count=exact,
        countries={},
        rounding=ROUNDING,
        ended=ended,
        draw=lambda step: drawn,
    ).count


def countries_at(
    exact: dict[str, int], shown: PublicFigures | None = None, *, drawn: int = 0
) -> PublicFigures:
    """The figures from a midnight on."""
    return figures_at(
        at_noon(with_countries=True),
        shown or PublicFigures(),
        count=max(0, sum(exact.values())),
        countries=exact,
        rounding=ROUNDING,
        ended=False,
        draw=lambda step: drawn,
    )


def outcomes(moment: DueMoment, shown: int, exact: int) -> Counter[int]:
    """How many of all equally likely draws lead to each public figure."""
    step = ROUNDING.step * moment.factor
    return Counter(count_at(moment, shown, exact, drawn) for drawn in range(step))


# What is hidden.


@pytest.mark.parametrize("factor", FACTORS)
@given(shown=st.integers(min_value=0, max_value=400), exact=COUNTS)
def test_one_signature_more_changes_one_draw_of_a_step_at_most(
    factor: int, shown: int, exact: int
) -> None:
    """So whatever else somebody knows, a moment tells of it with 1/5, 1/50 or 1/500 at most."""
    moment = at_noon(factor)

    without, with_one = (outcomes(moment, shown * 5, exact + more) for more in (0, 1))

    assert (without - with_one).total() <= 1


@given(shown=COUNTS, exact=COUNTS, drawn=st.integers(0, 4))
def test_a_figure_rises_to_a_multiple_of_the_step_that_is_not_too_high_or_stays(
    shown: int, exact: int, drawn: int
) -> None:
    after = count_at(at_noon(), shown * 5, exact, drawn)

    assert after == shown * 5 or (after % 5 == 0 and shown * 5 < after <= exact)


@given(exact=COUNTS)
def test_in_time_a_figure_comes_within_a_step_of_the_count(exact: int) -> None:
    assert 0 <= exact - count_at(at_noon(), 0, exact, drawn=0) < 5
    assert exact - count_at(at_noon(), 0, exact, drawn=4) < 9


def test_with_a_step_of_one_the_hourly_count_is_exact() -> None:
    figures = figures_at(
        at_noon(),
        PublicFigures(),
        count=7,
        countries={},
        rounding=Rounding(step=1, country_minimum=1),
        ended=False,
        draw=lambda step: step - 1,
    )

    assert figures.count == 7


def test_only_the_end_lets_a_figure_fall() -> None:
    assert count_at(at_noon(), 75, 12, drawn=0) == 75
    assert count_at(at_noon(), 75, 12, drawn=0, ended=True) == 10
    assert count_at(at_noon(), 75, -3, drawn=0, ended=True) == 0


# When figures are due.


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        (minutes(9.99), None),
        (minutes(10), DueMoment(at=NOON + minutes(10), factor=10)),
        (minutes(14.5), DueMoment(at=NOON + minutes(10), factor=10)),
        (minutes(60), DueMoment(at=NOON + minutes(60), factor=1)),
        (minutes(75), DueMoment(at=NOON + minutes(60), factor=1)),
        (minutes(720), DueMoment(at=NOON + minutes(720), factor=1, with_countries=True)),
        (minutes(765), DueMoment(at=NOON + minutes(720), factor=1, with_countries=True)),
    ],
)
def test_figures_are_due_at_moments_of_the_clock_and_a_late_run_catches_up(
    now: timedelta, moment: DueMoment | None
) -> None:
    assert due_moment(NOON, NOON + now, busy=False) == moment


def test_minutes_are_moments_only_while_many_sign() -> None:
    now = NOON + minutes(3.2)

    assert due_moment(NOON, now, busy=False) is None
    assert due_moment(NOON, now, busy=True) == DueMoment(at=NOON + minutes(3), factor=BUSY_FACTOR)
    assert due_moment(NOON + minutes(3), now, busy=True) is None


def test_before_the_first_look_everything_is_due() -> None:
    assert due_moment(NEVER, NOON + minutes(30), busy=False) == at_noon(with_countries=True)


@given(late=st.integers(0, 59), seconds=st.integers(0, 59))
def test_no_two_looks_fall_into_one_hour_with_the_step_of_an_hour(late: int, seconds: int) -> None:
    """A look that is late does not shift the next one."""
    looked_at = NOON
    fine: list[datetime] = []
    for now in _each_minute(NOON + minutes(late) + timedelta(seconds=seconds), hours=4):
        moment = due_moment(looked_at, now, busy=True)
        if moment:
            looked_at = moment.at
            fine += [moment.at] if moment.factor == 1 else []

    assert len(fine) == len(set(fine))
    assert all((moment.minute, moment.second) == (0, 0) for moment in fine)


def _each_minute(start: datetime, *, hours: int) -> Iterator[datetime]:
    for number in range(60 * hours):
        yield start + minutes(number)


def test_the_next_hour_is_later_than_now() -> None:
    assert next_hour(NOON) == next_hour(NOON + minutes(59.9)) == NOON + minutes(60)


# Countries.


def test_countries_stand_still_within_a_day() -> None:
    figures = figures_at(
        at_noon(),
        PublicFigures(count=40, countries={"PL": 10}),
        count=99,
        countries={"PL": 40, "LT": 40},
        rounding=ROUNDING,
        ended=False,
        draw=lambda step: 0,
    )

    assert figures == PublicFigures(count=95, countries={"PL": 10})


@given(exact=BY_COUNTRY, drawn=st.integers(0, 4))
def test_only_figures_from_the_minimum_on_are_shown_and_rounded_down(
    exact: dict[str, int], drawn: int
) -> None:
    for code, figure in countries_at(exact, drawn=drawn).countries.items():
        assert code
        assert figure % 5 == 0
        assert 10 <= figure <= exact[code] - drawn


@given(exact=BY_COUNTRY, others=BY_COUNTRY)
def test_the_list_depends_on_nothing_that_rounding_hides(
    exact: dict[str, int], others: dict[str, int]
) -> None:
    """Small countries, unknown countries and remainders can be anything."""
    rounded = {code: count // 5 * 5 for code, count in exact.items() if code}
    hidden = {code: count for code, count in others.items() if count < 10 and code not in exact}

    shown = countries_at(exact).countries

    assert countries_at({**hidden, **rounded, "": 77}).countries == shown


def test_a_country_never_falls_before_the_end() -> None:
    shown = PublicFigures(count=60, countries={"PL": 40, "LT": 10, "DE": 10})

    assert countries_at({"PL": 12, "LT": 16}, shown).countries == {"PL": 40, "LT": 15, "DE": 10}


def test_the_total_is_not_below_the_sum_of_the_countries() -> None:
    exact = {"PL": 10, "LT": 10, "DE": 10}
    draws = iter([0, 0, 0, 4])

    figures = figures_at(
        at_noon(with_countries=True),
        PublicFigures(),
        count=30,
        countries=exact,
        rounding=ROUNDING,
        ended=False,
        draw=lambda step: next(draws),
    )

    assert figures == PublicFigures(count=30, countries=exact)


@given(
    figures=st.dictionaries(
        st.sampled_from(sorted(COUNTRIES)), st.integers(min_value=10, max_value=200)
    )
)
def test_the_largest_countries_come_first_within_the_limits_of_the_list(
    figures: dict[str, int],
) -> None:
    listed = PublicFigures(countries=figures).listed_countries

    assert list(listed) == sorted(listed, key=lambda line: (-line[1], line[0]))
    assert len(listed) == 0 or MIN_COUNTRIES <= len(listed) <= MAX_COUNTRIES


def test_countries_with_equal_figures_are_ordered_by_code() -> None:
    listed = countries_at({"PL": 11, "LT": 14, "DE": 12, "BY": 9}).listed_countries

    assert listed == [("DE", 10), ("LT", 10), ("PL", 10)]


def test_two_countries_are_too_few_for_a_list() -> None:
    assert countries_at({"PL": 40, "LT": 20, "BY": 9, "": 90}).listed_countries == []
