"""Fraud signals: which of them hold a signature."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fraud_signals import Signal, from_marks, is_suspicious, to_marks
from chalicelib.domain.signature import SignatureState, read_sign_form
from tests import builders

STRONG = {Signal.HONEYPOT, Signal.FLOODED_DOMAIN}


@pytest.mark.parametrize("signal", sorted(set(Signal) - STRONG))
def test_no_weak_signal_holds_a_signature_alone(signal: Signal) -> None:
    assert not is_suspicious({signal})


def test_two_weak_signals_or_a_strong_one_hold_a_signature() -> None:
    for signal in STRONG:
        assert is_suspicious({signal})
    for pair in combinations(Signal, 2):
        assert is_suspicious(pair)


def test_a_signal_that_is_seen_twice_weighs_once() -> None:
    assert not is_suspicious([Signal.DISPOSABLE, Signal.DISPOSABLE])


def test_a_form_that_a_person_fills_in_has_no_signals() -> None:
    request = read_sign_form(
        builders.sign_form(), slug="open-door", language="en", now=builders.NOW
    )

    assert request.signals == frozenset()
    assert request.state is SignatureState.CONFIRMED


def test_a_filled_honeypot_holds_the_signature_and_is_not_refused() -> None:
    form = builders.sign_form(website="https://buy.example")

    request = read_sign_form(form, slug="open-door", language="en", now=builders.NOW)

    assert request.signals == {Signal.HONEYPOT}
    assert request.state is SignatureState.HELD


@given(signals=st.frozensets(st.sampled_from(Signal)))
def test_marks_give_the_signals_back_and_have_one_length(
    signals: frozenset[Signal],
) -> None:
    marks = to_marks(signals)

    assert from_marks(marks) == signals
    assert len(marks) == len(to_marks([]))
