"""Sealing: encryption to a public key whose private key only organisers or the mailer hold.

HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and AES-256-GCM. The sealed form is one
version byte, the 32-byte encapsulated key and the ciphertext: 49 bytes more than the plain text.
`info` names the kind of content, so that a seal of one kind does not open as another.
"""

import base64
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

VERSION: Final = b"\x01"

SIGNATURE: Final = "signature"
SUBSCRIBER: Final = "subscriber"
MAIL: Final = "mail"
PERSON: Final = "person"
SUPPRESSION: Final = "suppression"


def info(kind: str, slug: str = "") -> bytes:
    """The context bound into a seal: version, kind of content and petition."""
    return f"zaklik/{VERSION[0]}/{kind}/{slug}".encode()


def seal(plain: bytes, public_key: bytes, context: bytes) -> bytes:
    """Seal `plain` so that only the holder of the private key can read it."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415 - see suite
        X25519PublicKey,
    )

    key = X25519PublicKey.from_public_bytes(public_key)
    return VERSION + suite().encrypt(plain, key, info=context)


def read_public_key(text: str) -> bytes | None:
    """The 32 bytes of a key in Base64 that something can be sealed to, or None."""
    try:
        key = base64.b64decode(text, validate=True)
        seal(b"", key, b"")
    except ValueError:
        return None
    return key


@cache
def suite() -> "Suite":
    """The HPKE suite."""
    # Imported here: functions that seal nothing start without it.
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite  # noqa: PLC0415

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
