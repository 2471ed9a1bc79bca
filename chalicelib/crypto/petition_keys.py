"""Petition keys, without their private halves.

The seed of each is sealed to the key of every organiser who may open it: that is called wrapping.
A canary is sealed to the petition key itself: who has opened it has the right key.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from chalicelib.crypto import sealing
from chalicelib.crypto.sealing import Kind
from chalicelib.domain.petitions.petition import VerificationKeys

SEED: Final = Kind(name="petition-key", bytes=64)
"""The seed of a petition key, in base64."""
CANARY: Final = Kind(name="canary", bytes=64)
"""The random bytes of a canary, in base64."""
MAX_NAME_CHARACTERS: Final = 60


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


def is_name(name: Any) -> bool:
    """Whether a name can be printed on one line, and does nothing else to a terminal."""
    return isinstance(name, str) and name.isprintable() and len(name) <= MAX_NAME_CHARACTERS


def loses(published: PetitionKeys, keys: PetitionKeys) -> Sequence[str]:
    """What the published keys have and `keys` lacks, in words: an older copy would lose it."""
    present = {key.fingerprint: key.organisers for key in keys.all}
    lost = []
    for key in published.all:
        missing = key.organisers.keys() - present.get(key.fingerprint, {}).keys()
        if key.fingerprint not in present:
            lost.append(f"the key {sealing.grouped(key.fingerprint)}")
        elif missing:
            names = ", ".join(key.organisers[organiser] or organiser for organiser in missing)
            lost.append(f"the key {sealing.grouped(key.fingerprint)} for {names}")
    return lost
