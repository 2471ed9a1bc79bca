"""The tally: how changes of signatures become figures."""

from datetime import timedelta

import pytest

from chalicelib.domain.integrity.tally import (
    FENCE_LIFETIME,
    Fence,
    Image,
    SignatureChange,
    after_fence,
    differences,
    drift,
    sequence,
    total,
)
from chalicelib.domain.signature import SignatureState
from tests.builders import NOW


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        (None, SignatureState.CONFIRMED, 1),
        (SignatureState.CONFIRMED, SignatureState.WITHDRAWN, -1),
        (SignatureState.WITHDRAWN, SignatureState.CONFIRMED, 1),
        (SignatureState.CONFIRMED, None, -1),
        (SignatureState.WITHDRAWN, None, 0),
        (None, SignatureState.HELD, 0),
        (SignatureState.HELD, SignatureState.CONFIRMED, 1),
        (SignatureState.CONFIRMED, SignatureState.HELD, -1),
        (SignatureState.CONFIRMED, SignatureState.CONFIRMED, 0),
    ],
)
def test_only_confirmed_signatures_count(
    before: SignatureState | None, after: SignatureState | None, counts: int
) -> None:
    images = [Image(state=state, country="PL") if state else None for state in (before, after)]

    assert differences(*images) == ({"PL": counts} if counts else {})


def test_a_withdrawal_is_subtracted_from_the_country_of_the_signature() -> None:
    confirmed = Image(state=SignatureState.CONFIRMED, country="PL")

    assert differences(confirmed, Image(state=SignatureState.WITHDRAWN)) == {"PL": -1}
    assert differences(confirmed, Image(state=SignatureState.CONFIRMED, country="")) == {
        "PL": -1,
        "": 1,
    }


def test_a_total_leaves_out_countries_that_come_to_zero() -> None:
    assert total([{"PL": 1, "": -1}, {"PL": 1, "": 1}]) == {"PL": 2}


@pytest.mark.parametrize(
    ("before", "counted", "after", "wrong"),
    [
        (5, 5, 5, 0),
        (5, 7, 5, 2),
        (5, 3, 5, -2),
        (5, 6, 7, 0),
        (7, 6, 5, 0),
        (5, 9, 7, 2),
        (9, 4, 6, -2),
    ],
)
def test_a_figure_is_wrong_only_outside_the_range_of_concurrent_changes(
    before: int, counted: int, after: int, wrong: int
) -> None:
    assert drift(before, counted, after) == wrong


def test_sequence_numbers_compare_as_numbers_do() -> None:
    assert sequence("9" * 21) < sequence("1" + "0" * 21)


def test_what_lies_at_or_below_the_fence_is_counted_already() -> None:
    changes = [
        SignatureChange(slug="a", sequence=sequence(str(n)), differences={"": 1}) for n in (1, 2, 3)
    ]

    assert after_fence(None, changes) == changes
    for number, uncounted in ((2, changes[2:]), (3, [])):
        fence = Fence(sequence=sequence(str(number)), counted_at=NOW)
        assert after_fence(fence, changes) == uncounted


def test_a_fence_expires_when_the_stream_has_dropped_its_records() -> None:
    fence = Fence(sequence=sequence("2"), counted_at=NOW)

    assert timedelta(hours=24) < FENCE_LIFETIME
    assert not fence.has_expired(NOW + FENCE_LIFETIME)
    assert fence.has_expired(NOW + FENCE_LIFETIME + timedelta(milliseconds=1))
