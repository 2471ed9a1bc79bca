"""Proofs of work (ALTCHA, protocol version 2): a sum that costs a browser seconds, and us nothing.

A challenge is signed and stored nowhere. It asks for the one number out of a range for which
PBKDF2 gives a certain key, and each is as likely as any other: no order of trying is cheaper.
Whoever asks for much mail pays for it in time, and what it takes is bounded, other than with a
puzzle that is solved by luck.
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
"""Rounds of PBKDF2 for one number: what a step costs. Measured in docs/performance.md."""
MAX_NUMBERS: Final = 401
"""Numbers to try, from 0 on, at worst: twice what it takes on average."""
LIFETIME: Final = timedelta(minutes=30)
"""How long a challenge may take, with the form beside it to be filled in."""
MAX_CHARACTERS: Final = 2_000
_ISSUED_AT: Final = "at"
"""Its moment is our own, signed field: altcha's goes by the browser's clock, which may be wrong."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A good proof: `nonce` is its challenge's own (32 hex digits); worthless from `expires_at`."""

    nonce: str
    expires_at: datetime


def issue(key: bytes, now: datetime) -> Mapping[str, Any]:
    """A challenge as JSON values, as the widget takes it."""
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
    """The proof that a form brought (base64 of JSON), or None if it is none of ours, or too old.

    Costs microseconds: what the sum comes to is signed with the challenge.
    """
    from altcha import Payload, verify_solution  # noqa: PLC0415 - only under pressure

    if len(payload) > MAX_CHARACTERS:
        return None
    try:
        brought = Payload.from_dict(json.loads(base64.b64decode(payload, validate=True)))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    good = any(
        verify_solution(
            brought, _part(key, "challenge"), hmac_key_secret=_part(key, "answer")
        ).verified
        for key in keys
    )
    if not good:
        return None
    # From here on all of it is signed by us.
    parameters = brought.challenge.parameters
    issued_at = datetime.fromtimestamp((parameters.data or {})[_ISSUED_AT], UTC)
    proof = Proof(nonce=parameters.nonce, expires_at=issued_at + LIFETIME)
    return proof if now < proof.expires_at else None


def _part(key: bytes, part: str) -> bytes:
    return hmac.digest(key, part.encode(), hashlib.sha256)
