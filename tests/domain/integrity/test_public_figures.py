"""Public figures: what they show, and what they hide."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.public_figures import (
    MAX_COUNTRIES,
    MIN_COUNTRIES,
    public_count,
    public_countries,
)

COUNTS = st.integers(min_value=0, max_value=10**9)
STEPS = st.integers(min_value=1, max_value=1000)
BY_COUNTRY = st.dictionaries(
    st.sampled_from(["", *sorted(COUNTRIES)]), st.integers(min_value=0, max_value=200)
)


@given(count=COUNTS, step=STEPS)
def test_the_public_count_is_a_multiple_of_the_step_and_never_too_high(
    count: int, step: int
) -> None:
    shown = public_count(count, step)

    assert shown % step == 0
    assert shown <= count < shown + step


@given(count=COUNTS)
def test_a_step_of_one_is_exact(count: int) -> None:
    assert public_count(count, 1) == count


@given(count=COUNTS, step=STEPS)
def test_one_more_signature_changes_the_public_count_by_zero_or_one_step(
    count: int, step: int
) -> None:
    assert public_count(count + 1, step) - public_count(count, step) in (0, step)


def test_a_count_below_zero_is_shown_as_zero() -> None:
    assert public_count(-3, 5) == 0


@given(counts=BY_COUNTRY, minimum=STEPS, step=STEPS)
def test_only_countries_at_or_above_the_minimum_are_shown_and_rounded_down(
    counts: dict[str, int], minimum: int, step: int
) -> None:
    for code, shown in public_countries(counts, minimum=minimum, step=step):
        assert code
        assert counts[code] >= minimum
        assert 0 < shown == public_count(counts[code], step)


@given(counts=BY_COUNTRY, others=BY_COUNTRY)
def test_the_list_depends_on_nothing_that_rounding_hides(
    counts: dict[str, int], others: dict[str, int]
) -> None:
    """Small countries, unknown countries and remainders can be anything."""
    rounded = {code: public_count(count, 5) for code, count in counts.items() if code}
    hidden = {code: count for code, count in others.items() if count < 10 and code not in counts}

    shown = public_countries(counts, minimum=10, step=5)

    assert public_countries({**hidden, **rounded, "": 77}, minimum=10, step=5) == shown


@given(counts=BY_COUNTRY)
def test_the_largest_countries_come_first_within_the_limits_of_the_list(
    counts: dict[str, int],
) -> None:
    shown = public_countries(counts, minimum=10, step=5)

    assert list(shown) == sorted(shown, key=lambda line: (-line[1], line[0]))
    assert len(shown) == 0 or MIN_COUNTRIES <= len(shown) <= MAX_COUNTRIES


def test_countries_with_equal_figures_are_ordered_by_code() -> None:
    exact = {"PL": 11, "LT": 14, "DE": 12, "BY": 9}

    shown = public_countries(exact, minimum=10, step=5)

    assert shown == [("DE", 10), ("LT", 10), ("PL", 10)]


def test_two_countries_are_too_few_for_a_list() -> None:
    assert public_countries({"PL": 40, "LT": 20, "BY": 9, "": 90}, minimum=10, step=5) == []
