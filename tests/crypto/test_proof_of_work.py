"""Proofs of work: valid ones, and everything else that a program may send."""

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
    """A challenge of the service."""
    return dict(proof_of_work.issue(KEY, NOW))


@pytest.fixture(scope="module")
def payload(challenge: dict[str, Any]) -> str:
    """The proof that a browser sends for it."""
    return solved(challenge)


def test_a_solved_challenge_is_a_proof_with_its_nonce(
    challenge: dict[str, Any], payload: str
) -> None:
    proof = proof_of_work.read([OTHER, KEY], payload, NOW)

    assert proof
    assert proof.nonce == challenge["parameters"]["nonce"]
    assert proof.expires_at == NOW + proof_of_work.LIFETIME


def test_every_challenge_has_a_nonce_of_its_own() -> None:
    nonces = {proof_of_work.issue(KEY, NOW)["parameters"]["nonce"] for _ in range(20)}

    assert len(nonces) == 20


@pytest.mark.parametrize(("drawn", "number"), [(0, 0), (-1, proof_of_work.MAX_NUMBERS - 1)])
def test_the_number_can_be_the_first_and_the_last_of_the_range(
    monkeypatch: pytest.MonkeyPatch, drawn: int, number: int
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: range(below)[drawn])

    proof = json.loads(base64.b64decode(solved(proof_of_work.issue(KEY, NOW))))

    assert proof["solution"]["counter"] == number


def test_a_proof_under_another_key_is_refused(payload: str) -> None:
    assert proof_of_work.read([OTHER], payload, NOW) is None


def test_a_proof_is_valid_until_its_challenge_expires(payload: str) -> None:
    last = NOW + proof_of_work.LIFETIME - timedelta(seconds=1)

    assert proof_of_work.read([KEY], payload, last)
    assert proof_of_work.read([KEY], payload, last + timedelta(seconds=1)) is None


def test_the_given_moment_decides_and_not_the_clock_of_the_machine(payload: str) -> None:
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
def test_a_forged_proof_is_refused(payload: str, where: tuple[str, ...], value: object) -> None:
    forged = json.loads(base64.b64decode(payload))
    parent = forged
    for name in where[:-1]:
        parent = parent[name]
    parent[where[-1]] = value

    assert (
        proof_of_work.read([KEY], base64.b64encode(json.dumps(forged).encode()).decode(), NOW)
        is None
    )


def test_a_guessed_key_is_refused(challenge: dict[str, Any]) -> None:
    # The challenge shows the first half of the key; the second half is the work.
    public = Challenge.from_dict(challenge)
    guess = {"counter": 1, "derivedKey": public.parameters.key_prefix + "00" * 16}
    guessed = Payload.from_dict({"challenge": challenge, "solution": guess})

    assert proof_of_work.read([KEY], guessed.to_base64(), NOW) is None


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
def test_arbitrary_json_is_refused_without_an_error(sent: object) -> None:
    text = base64.b64encode(json.dumps(sent).encode()).decode()

    assert proof_of_work.read([KEY], text, NOW) is None


@given(sent=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_arbitrary_text_is_refused_without_an_error(sent: str) -> None:
    assert proof_of_work.read([KEY], sent, NOW) is None
