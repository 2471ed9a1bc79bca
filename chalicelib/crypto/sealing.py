"""Sealing: encryption to a public key whose private key only organisers or the mailer hold.

HPKE (RFC 9180) in base mode with the hybrid KEM MLKEM768-X25519 (X-Wing), HKDF-SHA256 and
AES-256-GCM. Both halves of the KEM must be broken to open a seal, so a copy that is stolen today
stays closed to a quantum computer.

A seal is one byte for the suite, four for the key, 1,120 of encapsulated key, and the ciphertext of
a JSON value that is padded with spaces to one size for each kind of content.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey, Suite

SUITE: Final = b"\x01"
"""MLKEM768-X25519, HKDF-SHA256, AES-256-GCM: suite 647a 0001 0002 of HPKE. No other exists."""
KEY_ID_BYTES: Final = 4
ENCAPSULATED_BYTES: Final = 1120
TAG_BYTES: Final = 16
MLKEM_PUBLIC_BYTES: Final = 1184
PUBLIC_KEY_BYTES: Final = MLKEM_PUBLIC_BYTES + 32
"""The ML-KEM-768 key, then the X25519 key (draft-connolly-cfrg-xwing-kem, section 5.2)."""
OVERHEAD_BYTES: Final = len(SUITE) + KEY_ID_BYTES + ENCAPSULATED_BYTES + TAG_BYTES


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of content: its name, and the bytes of its padded text."""

    name: str
    bytes: int

    @property
    def sealed_bytes(self) -> int:
        """The bytes of every seal of this kind."""
        return OVERHEAD_BYTES + self.bytes


SIGNATURE: Final = Kind(name="signature", bytes=672)
"""Room for a name of 300 bytes and an address of 254. The item stays below two write units."""
SUBSCRIBER: Final = Kind(name="subscriber", bytes=320)
"""Room for a list of an address of 254 bytes and a blind index."""
TEST_ADDRESS: Final = Kind(name="test-address", bytes=288)
ORGANISER: Final = Kind(name="organiser", bytes=288)
MAIL: Final = Kind(name="mail", bytes=5248)
"""Room for three links with the longest address, and the longest title and organiser's name."""


def info(kind: Kind, *names: str) -> bytes:
    """The context bound into a seal: suite, kind of content, and the names of its place.

    A seal that is moved to another petition, index or message does not open there.
    """
    return "/".join(("zaklik", str(SUITE[0]), kind.name, *names)).encode()


def seal(value: Any, kind: Kind, public_key: bytes, context: bytes) -> bytes:
    """Seal a JSON value so that only the holder of the private key can read it.

    Every seal of a kind has the same length. Raises ValueError for a value that is too long, or for
    bytes that are no public key.
    """
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    if len(plain) > kind.bytes:
        raise ValueError(f"a {kind.name} has at most {kind.bytes} bytes")
    padded = plain.ljust(kind.bytes)
    return SUITE + key_id(public_key) + suite().encrypt(padded, _load(public_key), info=context)


def fingerprint(public_key: bytes) -> str:
    """The fingerprint of a public key for people: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four digits, to be read aloud and compared."""
    return " ".join(fingerprint[place : place + 4] for place in range(0, len(fingerprint), 4))


def key_id(public_key: bytes) -> bytes:
    """The first bytes of the fingerprint. A seal names its key by them."""
    return bytes.fromhex(fingerprint(public_key))[:KEY_ID_BYTES]


def named_key(sealed: bytes) -> bytes:
    """The id of the key that a seal names."""
    return sealed[len(SUITE) : len(SUITE) + KEY_ID_BYTES]


def is_public_key(raw: bytes) -> bool:
    """Whether something can be sealed to these bytes."""
    try:
        suite().encrypt(b"", _load(raw), info=b"")
    except ValueError:
        return False
    return True


def _load(public_key: bytes) -> "MLKEM768X25519PublicKey":
    from cryptography.hazmat.primitives.asymmetric.mlkem import (  # noqa: PLC0415 - see suite
        MLKEM768PublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey  # noqa: PLC0415

    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public_key[:MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public_key[MLKEM_PUBLIC_BYTES:]),
    )


@cache
def suite() -> "Suite":
    """The HPKE suite."""
    # Imported here: functions that seal nothing start without it.
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite  # noqa: PLC0415

    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
