"""Signature filters: which signatures they include."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from tests.builders import NOW

TODAY = NOW.date()
SUMMARY = SignatureSummary(
    slug="open-door",
    index="3f" * 16,
    state=SignatureState.HELD,
    country="PL",
    confirmed_on=TODAY,
    attestation=b"a",
    signals=frozenset({"honeypot", "disposable"}),
    why="burst",
)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    "signature_filter",
    [
        SignatureFilter(),
        SignatureFilter(signals=("honeypot",)),
        SignatureFilter(signals=("honeypot", "disposable")),
        SignatureFilter(without=("flooded-domain",)),
        SignatureFilter(signals=("honeypot",), without=("slow-lane",)),
        SignatureFilter(why="burst"),
        SignatureFilter(country="PL"),
        SignatureFilter(confirmed_from=TODAY, confirmed_to=TODAY),
    ],
)
def test_a_signature_that_meets_all_conditions_is_included(
    signature_filter: SignatureFilter,
) -> None:
    assert signature_filter.includes(SUMMARY)


@pytest.mark.parametrize(
    "signature_filter",
    [
        SignatureFilter(signals=("slow-lane",)),
        SignatureFilter(signals=("honeypot", "slow-lane")),
        SignatureFilter(without=("honeypot",)),
        SignatureFilter(signals=("honeypot",), without=("disposable",)),
        SignatureFilter(why="another"),
        SignatureFilter(why=""),
        SignatureFilter(country="LT"),
        SignatureFilter(country=""),
        SignatureFilter(confirmed_from=TOMORROW),
        SignatureFilter(confirmed_to=YESTERDAY),
    ],
)
def test_a_signature_that_misses_one_condition_is_not_included(
    signature_filter: SignatureFilter,
) -> None:
    assert not signature_filter.includes(SUMMARY)


def test_only_a_filter_without_conditions_is_everything() -> None:
    assert SignatureFilter().is_everything
    assert not SignatureFilter(country="").is_everything


def test_reasons_are_the_signals_and_the_reason_of_an_organiser() -> None:
    assert SUMMARY.reasons == ["disposable", "honeypot", "“burst”"]
    assert replace(SUMMARY, signals=frozenset(), why="").reasons == []


def test_the_repr_of_a_summary_shows_no_index() -> None:
    assert SUMMARY.index not in repr(SUMMARY)
