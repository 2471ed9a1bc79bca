"""Which signatures an organiser means."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from tests.builders import NOW

STANDING = SignatureSummary(
    slug="open-door",
    index="3f" * 16,
    state=SignatureState.HELD,
    country="PL",
    language="be",
    confirmed_at=NOW,
    signals=frozenset({"trap", "disposable"}),
    why="burst",
)
LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "selection",
    [
        SignatureFilter(),
        SignatureFilter(signal="trap"),
        SignatureFilter(why="burst"),
        SignatureFilter(country="PL", language="be"),
        SignatureFilter(confirmed_from=NOW, confirmed_before=LATER),
    ],
)
def test_a_signature_is_meant_that_has_all_that_is_asked_for(selection: SignatureFilter) -> None:
    assert selection.includes(STANDING)


@pytest.mark.parametrize(
    "selection",
    [
        SignatureFilter(signal="slow-lane"),
        SignatureFilter(why="another"),
        SignatureFilter(why=""),
        SignatureFilter(country="LT"),
        SignatureFilter(country=""),
        SignatureFilter(country="PL", language="ru"),
        SignatureFilter(confirmed_from=LATER),
        SignatureFilter(confirmed_before=NOW),
    ],
)
def test_a_signature_is_not_meant_that_lacks_one_thing(selection: SignatureFilter) -> None:
    assert not selection.includes(STANDING)


def test_only_a_selection_that_asks_for_nothing_is_everything() -> None:
    assert SignatureFilter().is_everything
    assert not SignatureFilter(country="").is_everything


def test_reasons_are_the_signals_and_an_organisers_words() -> None:
    assert STANDING.reasons == ["disposable", "trap", "“burst”"]
    assert replace(STANDING, signals=frozenset(), why="").reasons == []


def test_a_signature_that_slips_into_a_log_shows_no_index() -> None:
    assert STANDING.index not in repr(STANDING)
