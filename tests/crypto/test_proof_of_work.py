"""Proofs of work: ours, solved; and whatever else a program may send."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from altcha import Challenge, Payload
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto import proof_of_work
from tests.builders import NOW
from tests.proving import solved

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture(scope="module")
def challenge() -> dict[str, Any]:
    """A challenge of ours."""
    return dict(proof_of_work.issue(KEY, NOW))


@pytest.fixture(scope="module")
def payload(challenge: dict[str, Any]) -> str:
    """What a browser sends when it has solved it."""
    return solved(challenge)


def test_what_a_browser_finds_out_is_a_proof_that_names_its_challenge(
    challenge: dict[str, Any], payload: str
) -> None:
    proof = proof_of_work.read([OTHER, KEY], payload, NOW)

    assert proof
    assert proof.nonce == challenge["parameters"]["nonce"]
    assert proof.expires_at == NOW + proof_of_work.LIFETIME


def test_two_challenges_are_never_the_same() -> None:
    nonces = {proof_of_work.issue(KEY, NOW)["parameters"]["nonce"] for _ in range(20)}

    assert len(nonces) == 20


@pytest.mark.parametrize(("drawn", "number"), [(0, 0), (-1, proof_of_work.MAX_NUMBERS - 1)])
def test_the_number_is_any_of_those_that_a_browser_tries(
    monkeypatch: pytest.MonkeyPatch, drawn: int, number: int
) -> None:
    """From 0 on, where browsers begin: who begins elsewhere saves nothing."""
    monkeypatch.setattr(secrets, "randbelow", lambda below: range(below)[drawn])

    made = json.loads(base64.b64decode(solved(proof_of_work.issue(KEY, NOW))))

    assert made["solution"]["counter"] == number


def test_a_proof_of_another_service_is_none(payload: str) -> None:
    assert proof_of_work.read([OTHER], payload, NOW) is None


def test_a_proof_is_good_until_its_challenge_is_too_old(payload: str) -> None:
    last = NOW + proof_of_work.LIFETIME - timedelta(seconds=1)

    assert proof_of_work.read([KEY], payload, last)
    assert proof_of_work.read([KEY], payload, last + timedelta(seconds=1)) is None


def test_it_is_our_clock_that_counts_and_not_the_machines(payload: str) -> None:
    assert abs(datetime.now(UTC) - NOW) > proof_of_work.LIFETIME
    assert proof_of_work.read([KEY], payload, NOW)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("challenge", "parameters", "cost"), 1),
        (("challenge", "parameters", "keyPrefix"), "00"),
        (("challenge", "parameters", "nonce"), "00" * 16),
        (("challenge", "parameters", "data"), {"at": int(NOW.timestamp()) + 9999}),
        (("challenge", "parameters", "keySignature"), None),
        (("challenge", "signature"), "00" * 32),
        (("challenge", "signature"), None),
        (("solution", "derivedKey"), "00" * 32),
        (("solution", "derivedKey"), None),
    ],
)
def test_a_proof_that_was_tampered_with_is_none(
    payload: str, where: tuple[str, ...], value: object
) -> None:
    forged = json.loads(base64.b64decode(payload))
    place = forged
    for name in where[:-1]:
        place = place[name]
    place[where[-1]] = value

    assert (
        proof_of_work.read([KEY], base64.b64encode(json.dumps(forged).encode()).decode(), NOW)
        is None
    )


def test_a_challenge_whose_answer_is_only_guessed_is_no_proof(challenge: dict[str, Any]) -> None:
    # The first half of the key stands in the challenge; the rest has to be found.
    shown = Challenge.from_dict(challenge)
    guess = {"counter": 1, "derivedKey": shown.parameters.key_prefix + "00" * 16}
    made = Payload.from_dict({"challenge": challenge, "solution": guess})

    assert proof_of_work.read([KEY], made.to_base64(), NOW) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
SHAPED = st.fixed_dictionaries(
    {
        "challenge": st.fixed_dictionaries(
            {
                "parameters": st.fixed_dictionaries(
                    dict.fromkeys(
                        ("algorithm", "nonce", "salt", "cost", "expiresAt", "data"), ANYTHING
                    )
                ),
                "signature": ANYTHING,
            }
        ),
        "solution": st.fixed_dictionaries({"counter": ANYTHING, "derivedKey": ANYTHING}),
    }
)


@given(sent=ANYTHING | SHAPED)
def test_json_that_a_program_makes_up_is_no_proof_and_no_error(sent: object) -> None:
    text = base64.b64encode(json.dumps(sent).encode()).decode()

    assert proof_of_work.read([KEY], text, NOW) is None


@given(sent=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_text_that_a_program_makes_up_is_no_proof_and_no_error(sent: str) -> None:
    assert proof_of_work.read([KEY], sent, NOW) is None
