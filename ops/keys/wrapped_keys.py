"""Wraps the seeds of petition keys for organisers, and opens wraps and canaries."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chalicelib.crypto import sealing
from chalicelib.crypto.base64_fields import decode, encode
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.crypto.petition_keys import CANARY, SEED, Canary, WrappedSeed
from chalicelib.crypto.sealing import Kind
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed, unseal
from ops.errors import CannotContinue
from ops.keys.organiser_keys import OrganiserKey, OrganiserPublicKey

_CANARY_BYTES: Final = 32


class BadWrap(CannotContinue):
    """A wrapped seed is damaged, or belongs to another petition."""


def wrap(private: PrivateKey, organiser: OrganiserPublicKey, slug: str) -> WrappedSeed:
    """Seal the seed of a petition key to an organiser's key."""
    bound_to = _context(SEED, slug, private.public_bytes)
    return WrappedSeed(
        organiser=organiser.fingerprint,
        name=organiser.name,
        sealed=sealing.seal(encode(private.seed), SEED, organiser.raw, bound_to),
    )


def unwrap(sealed: bytes, organiser: PrivateKey, slug: str, public_key: bytes) -> PrivateKey:
    """The private half of this petition key. Raises BadWrap."""
    try:
        seed = decode(unseal(sealed, [organiser], _context(SEED, slug, public_key)))
        private = PrivateKey(seed)
    except (UnsealFailed, TypeError, ValueError) as error:
        raise _bad_wrap() from error
    if private.public_bytes != public_key:
        raise _bad_wrap()
    return private


def unwrap_all(
    values: Iterable[Mapping[str, Any]], organiser_key: OrganiserKey, slug: str
) -> list[PrivateKey]:
    """The petition keys in an export's header that this organiser's key opens.

    Raises NotAPetitionKey for other values, BadWrap for a wrap that does not open.
    """
    organiser = sealing.fingerprint(organiser_key.private.public_bytes)
    try:
        pairs = [
            (decode(wrap["sealed"]), decode(key["public_key"], sealing.PUBLIC_KEY_BYTES))
            for key in values
            for wrap in key["wraps"]
            if wrap["organiser"] == organiser
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise NotAPetitionKey("The list of the petition's keys is damaged.") from error
    return [unwrap(sealed, organiser_key.private, slug, public_key) for sealed, public_key in pairs]


def new_canary(slug: str, public_key: bytes) -> Canary:
    """Seal random bytes to a petition key."""
    value = os.urandom(_CANARY_BYTES)
    bound_to = _context(CANARY, slug, public_key)
    return Canary(
        sealed=sealing.seal(encode(value), CANARY, public_key, bound_to),
        digest=hashlib.sha256(value).digest(),
    )


def open_canary(canary: Canary, private: PrivateKey, slug: str) -> bytes:
    """What is in a canary. Raises BadWrap."""
    bound_to = _context(CANARY, slug, private.public_bytes)
    try:
        value = decode(unseal(canary.sealed, [private], bound_to))
    except (UnsealFailed, TypeError, ValueError) as error:
        raise _bad_wrap() from error
    if hashlib.sha256(value).digest() != canary.digest:
        raise _bad_wrap()
    return value


def _context(kind: Kind, slug: str, public_key: bytes) -> bytes:
    return sealing.info(kind, slug, sealing.fingerprint(public_key))


def _bad_wrap() -> BadWrap:
    return BadWrap(
        "The petition's key file is damaged, or belongs to another petition: what is sealed to "
        "this organiser's key does not open. Take another copy of it."
    )
