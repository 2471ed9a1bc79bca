"""Sealing: what is encrypted to a key that this server does not hold, or only the mailer holds.

HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and AES-256-GCM. The sealed form is one
version byte, the 32-byte encapsulated key and the ciphertext: 49 bytes more than the plain text.
What it was sealed for goes into `info`, so that nothing sealed for one thing opens as another.
"""

import hashlib
import hmac
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import Suite

VERSION: Final = b"\x01"

SIGNATURE: Final = "signature"
SUBSCRIBER: Final = "subscriber"
MAIL: Final = "mail"
PERSON: Final = "person"
NEVER: Final = "never"


class CannotOpen(Exception):
    """The key is the wrong one, or the sealed text is damaged or was sealed for something else."""


def info(kind: str, slug: str = "") -> bytes:
    """The context that is bound into the seal: what it is, of which petition, which version."""
    return f"zaklik/{VERSION[0]}/{kind}/{slug}".encode()


def seal(plain: bytes, public_key: bytes, context: bytes) -> bytes:
    """Seal `plain` so that only the holder of the private key can read it."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415 - see _suite
        X25519PublicKey,
    )

    key = X25519PublicKey.from_public_bytes(public_key)
    return VERSION + _suite().encrypt(plain, key, info=context)


def unseal(sealed: bytes, private_key: "X25519PrivateKey", context: bytes) -> bytes:
    """Open what `seal` made for the same context. Raises CannotOpen."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see _suite

    if sealed[:1] != VERSION:
        raise CannotOpen("sealed by a version that is not known here")
    try:
        return _suite().decrypt(sealed[1:], private_key, info=context)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("wrong key, or damaged") from error


def blind_index(key: bytes, kind: str, slug: str, canonical_address: str) -> str:
    """The name under which an address is filed: 32 hexadecimal digits, one way only.

    HMAC-SHA-256 under a key derived for this kind of record and this petition, cut to 128 bits.
    Signatures and subscribers get different ones, so that the tables cannot be laid side by side.
    """
    own_key = hmac.digest(key, f"zaklik/index/{kind}/{slug}".encode(), hashlib.sha256)
    return hmac.digest(own_key, canonical_address.encode(), hashlib.sha256)[:16].hex()


@cache
def _suite() -> "Suite":
    # Imported here: pages, the tally and the clock seal nothing, and start without it.
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite  # noqa: PLC0415

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
