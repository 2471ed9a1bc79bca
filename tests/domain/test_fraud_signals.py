"""What is enough to hold a signature, and what is not."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fraud_signals import Signal, from_marks, is_suspicious, to_marks
from chalicelib.domain.signature import SignatureState, read_sign_form
from tests import builders


@pytest.mark.parametrize("signal", [each for each in Signal if each is not Signal.HONEYPOT])
def test_no_weak_sign_holds_a_signature_by_itself(signal: Signal) -> None:
    assert not is_suspicious({signal})


def test_two_weak_signs_hold_it_and_so_does_the_trap_alone() -> None:
    assert is_suspicious({Signal.HONEYPOT})
    for pair in combinations(Signal, 2):
        assert is_suspicious(pair)


def test_a_sign_that_is_seen_twice_is_one_sign() -> None:
    assert not is_suspicious([Signal.DISPOSABLE, Signal.DISPOSABLE])


def test_nothing_speaks_against_a_form_that_a_person_fills_in() -> None:
    request = read_sign_form(
        builders.sign_form(), slug="open-door", language="en", now=builders.NOW
    )

    assert request.signals == frozenset()
    assert request.state is SignatureState.CONFIRMED


def test_who_fills_in_the_trap_is_held_and_not_refused() -> None:
    form = builders.sign_form(website="https://buy.example")

    request = read_sign_form(form, slug="open-door", language="en", now=builders.NOW)

    assert request.signals == {Signal.HONEYPOT}
    assert request.state is SignatureState.HELD


@given(signals=st.frozensets(st.sampled_from(Signal)))
def test_marks_say_which_signals_there_were_and_are_never_longer(
    signals: frozenset[Signal],
) -> None:
    marks = to_marks(signals)

    assert from_marks(marks) == signals
    assert len(marks) == len(to_marks([]))
