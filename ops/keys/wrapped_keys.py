"""Petition keys: the seed of each is sealed to the key of every organiser who may open it.

Sealing one key to another is called wrapping. A canary is sealed to the petition key itself: who
has opened it has the right key.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.crypto.sealing import Kind
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed, unseal
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.errors import CannotContinue
from ops.keys.base64_fields import decode, encode
from ops.keys.organiser_keys import OrganiserPublicKey

SEED: Final = Kind(name="petition-key", bytes=64)
"""The seed of a petition key, in base64."""
CANARY: Final = Kind(name="canary", bytes=64)
"""The random bytes of a canary, in base64."""
_CANARY_BYTES: Final = 32


class BadWrap(CannotContinue):
    """A wrapped seed is damaged, or belongs to another petition."""


@dataclass(frozen=True, kw_only=True)
class WrappedSeed:
    """The seed of a petition key, sealed to the key of the organiser with this fingerprint."""

    organiser: str
    name: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class PetitionKey:
    """A petition key: its public half, and its seed wrapped for each organiser.

    `until` is the day on which it was changed; None for the current one.
    """

    public_key: bytes
    made_on: date
    wraps: tuple[WrappedSeed, ...]
    until: date | None = None

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits."""
        return sealing.fingerprint(self.public_key)

    @property
    def organisers(self) -> Mapping[str, str]:
        """The names of the organisers who can open it, by the fingerprints of their keys."""
        return {wrap.organiser: wrap.name for wrap in self.wraps}


@dataclass(frozen=True, kw_only=True)
class CanaryProof:
    """The key of the organiser with this fingerprint opened the canary, and this was in it."""

    organiser: str
    opened_on: date
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Canary:
    """Random bytes that are sealed to a petition key, their SHA-256, and who has opened them."""

    sealed: bytes
    digest: bytes
    proofs: tuple[CanaryProof, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PetitionKeys:
    """The keys of a petition: the current one, and former ones (oldest first).

    `verification` has the keys of the service that has published the petition.
    """

    slug: str
    current: PetitionKey
    canary: Canary
    former: tuple[PetitionKey, ...] = ()
    verification: VerificationKeys = field(default_factory=VerificationKeys)

    @property
    def all(self) -> tuple[PetitionKey, ...]:
        """Every key, the current one first."""
        return (self.current, *self.former)

    @property
    def proven_on(self) -> Mapping[str, date]:
        """The days on which organisers proved the current key, by their fingerprints.

        A proof counts if its value has the canary's SHA-256, and the organiser has a wrap.
        """
        return {
            proof.organiser: proof.opened_on
            for proof in self.canary.proofs
            if proof.organiser in self.current.organisers
            and hashlib.sha256(proof.value).digest() == self.canary.digest
        }


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
