"""Proofs of work (ALTCHA, protocol version 2): seconds for a browser, microseconds for the service.

A challenge is signed and not stored. It asks for the one number of a range for which PBKDF2 gives a
certain key. All numbers are equally likely, and the number of attempts is bounded.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PURPOSE: Final = "proof-of-work"
ALGORITHM: Final = "PBKDF2/SHA-256"
ROUNDS: Final = 5_000
"""Rounds of PBKDF2 for one number. Measured in docs/performance.md."""
MAX_NUMBERS: Final = 401
"""The size of the range, from 0 on: twice the average number of attempts."""
LIFETIME: Final = timedelta(minutes=30)
"""The lifetime of a challenge, in which a person also fills in the form."""
MAX_CHARACTERS: Final = 2_000
_ISSUED_AT: Final = "at"
"""A signed field of our own: altcha's expiry is read by the browser's clock, which may be wrong."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A valid proof: the nonce of its challenge (32 hex digits), and when it expires."""

    nonce: str
    expires_at: datetime


def issue(key: bytes, now: datetime) -> Mapping[str, Any]:
    """A challenge as JSON values for the widget."""
    from altcha import create_challenge  # noqa: PLC0415 - only under pressure

    challenge = create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=secrets.randbelow(MAX_NUMBERS),
        data={_ISSUED_AT: int(now.timestamp())},
        hmac_secret=_part(key, "challenge"),
        hmac_key_secret=_part(key, "answer"),
    )
    return dict(challenge.to_dict())


def read(keys: Sequence[bytes], payload: str, now: datetime) -> Proof | None:
    """The proof of a form (base64 of JSON), or None if it is not signed by us or has expired.

    Takes microseconds, because the expected key is signed with the challenge.
    """
    from altcha import Payload, verify_solution  # noqa: PLC0415 - only under pressure

    if len(payload) > MAX_CHARACTERS:
        return None
    try:
        solution = Payload.from_dict(json.loads(base64.b64decode(payload, validate=True)))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    verified = any(
        verify_solution(
            solution, _part(key, "challenge"), hmac_key_secret=_part(key, "answer")
        ).verified
        for key in keys
    )
    if not verified:
        return None
    # From here on, everything is signed by us.
    parameters = solution.challenge.parameters
    issued_at = datetime.fromtimestamp((parameters.data or {})[_ISSUED_AT], UTC)
    proof = Proof(nonce=parameters.nonce, expires_at=issued_at + LIFETIME)
    return proof if now < proof.expires_at else None


def _part(key: bytes, part: str) -> bytes:
    return hmac.digest(key, part.encode(), hashlib.sha256)
