"""Attestations: Ed25519 signatures by which one function vouches for what it has written.

An attestation is the four bytes by which it names its key, then the 64 bytes of RFC 8032. The word
"signature" is kept for people who support a petition.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Final

from chalicelib.crypto.sealing import KEY_ID_BYTES, key_id

ATTESTATION_BYTES: Final = KEY_ID_BYTES + 64


def signature_statement(slug: str, index: str, sealed: bytes, confirmed_on: date) -> bytes:
    """What is attested of a signature: its petition, blind index, seal and day."""
    digest = hashlib.sha256(sealed).hexdigest()
    return f"zaklik/signature/1/{slug}/{index}/{digest}/{confirmed_on.isoformat()}".encode()


def manifest_statement(manifest: bytes) -> bytes:
    """What is attested of an export: the text of its manifest."""
    return b"zaklik/export/1/" + manifest


def destruction_statement(certificate: bytes) -> bytes:
    """What is attested of the destruction of a petition's data: the text of its certificate."""
    return b"zaklik/destruction/1/" + certificate


def attest(seed: bytes, statement: bytes) -> bytes:
    """Attest a statement with the key of this 32-byte seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - see sealing
        Ed25519PrivateKey,
    )

    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key_id(key.public_key().public_bytes_raw()) + key.sign(statement)


def public_key(seed: bytes) -> bytes:
    """The 32-byte public half of the key of this seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def is_attested(statement: bytes, attestation: bytes, public_keys: Iterable[bytes]) -> bool:
    """Whether the holder of one of these keys has attested the statement."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    named, raw = attestation[:KEY_ID_BYTES], attestation[KEY_ID_BYTES:]
    for key in public_keys:
        if key_id(key) != named:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(raw, statement)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False
