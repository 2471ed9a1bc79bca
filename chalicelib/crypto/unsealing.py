"""Unsealing. Of the service, only the use cases that mail people import this module."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from chalicelib.crypto.sealing import KEY_ID_BYTES, SUITE, key_id, named_key, suite

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

SEED_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_HEAD_BYTES: Final = len(SUITE) + KEY_ID_BYTES


class UnsealFailed(Exception):
    """The key is wrong, or the seal is damaged or of another context."""


@dataclass(frozen=True)
class PrivateKey:
    """A private key of the hybrid KEM, from its seed of 32 bytes.

    The seeds of both halves are expanded from it by SHAKE-256 (draft-connolly-cfrg-xwing-kem,
    section 5.2), so that WebCrypto opens the same seals with the same 32 bytes.
    """

    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise ValueError(f"a seed has {SEED_BYTES} bytes")

    def __repr__(self) -> str:
        return "PrivateKey(…)"

    @classmethod
    def generate(cls) -> "PrivateKey":
        """A new key."""
        return cls(os.urandom(SEED_BYTES))

    @cached_property
    def public_bytes(self) -> bytes:
        """The public key: 1,216 bytes."""
        mlkem, x25519 = self._halves
        return bytes(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @cached_property
    def id(self) -> bytes:
        """The id by which a seal names this key."""
        return key_id(self.public_bytes)

    @cached_property
    def for_hpke(self) -> "MLKEM768X25519PrivateKey":
        """The key as `cryptography` takes it."""
        from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey  # noqa: PLC0415

        return MLKEM768X25519PrivateKey(*self._halves)

    @cached_property
    def _halves(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.mlkem import (  # noqa: PLC0415
            MLKEM768PrivateKey,
        )
        from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
            X25519PrivateKey,
        )

        expanded = hashlib.shake_256(self.seed).digest(_MLKEM_SEED_BYTES + SEED_BYTES)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
        )


@lru_cache(maxsize=16)
def private_key(seed: bytes) -> PrivateKey:
    """The key of a seed, expanded once in a process."""
    return PrivateKey(seed)


def unseal(sealed: bytes, keys: Iterable[PrivateKey], context: bytes) -> Any:
    """Open what `seal` made for the same context, with the key that it names among `keys`.

    Returns the JSON value. Raises UnsealFailed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see suite

    if sealed[:1] != SUITE:
        raise UnsealFailed("sealed by an unknown suite")
    own = [key for key in keys if key.id == named_key(sealed)]
    if not own:
        raise UnsealFailed("sealed to another key")
    try:
        return json.loads(suite().decrypt(sealed[_HEAD_BYTES:], own[0].for_hpke, info=context))
    except (InvalidTag, ValueError) as error:
        raise UnsealFailed("damaged, or moved from another place") from error
