"""Verification keys in JSON files: lists of Ed25519 public keys in base64."""

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.crypto.base64_fields import decode, encode
from chalicelib.domain.petitions.petition import VerificationKeys

_KEY_BYTES: Final = 32
"""Of Ed25519."""


def to_values(keys: VerificationKeys) -> Mapping[str, list[str]]:
    """The JSON values of verification keys."""
    return {
        "attestation": [encode(key) for key in keys.attestation],
        "export": [encode(key) for key in keys.export],
    }


def from_values(values: Mapping[str, Any]) -> VerificationKeys:
    """The verification keys of JSON values. Raises KeyError, TypeError or ValueError for others."""
    return VerificationKeys(
        attestation=tuple(decode(key, _KEY_BYTES) for key in values["attestation"]),
        export=tuple(decode(key, _KEY_BYTES) for key in values["export"]),
    )


def merged(first: VerificationKeys, second: VerificationKeys) -> VerificationKeys:
    """The keys of both, once each."""
    return VerificationKeys(
        attestation=tuple(dict.fromkeys((*first.attestation, *second.attestation))),
        export=tuple(dict.fromkeys((*first.export, *second.export))),
    )
