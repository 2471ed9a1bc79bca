"""Builders of exports, as the service writes them unless a test changes something."""

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from chalicelib.crypto import attestation, sealing
from chalicelib.crypto.sealing import SIGNATURE
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petitions.petition import VerificationKeys
from tests import builders

SLUG: Final = "open-door"
ATTESTATION_SEED: Final = b"\x11" * 32
EXPORT_SEED: Final = b"\x12" * 32
TRUSTED: Final = VerificationKeys(
    attestation=(attestation.public_key(ATTESTATION_SEED),),
    export=(attestation.public_key(EXPORT_SEED),),
)

Line = Mapping[str, Any]


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The sealed content of a signature."""
    return {
        "name": f"Ніна {number}",
        "email": f"nina{number}@example.org",
        "country": "PL",
        "language": "be",
        "confirmed_at": "2026-03-08T12:00:00+00:00",
        **changes,
    }


def index(number: int = 1) -> str:
    """A blind index; a higher number has a later place in an export."""
    return f"01{number:032x}"


def signature_line(
    content: Any,
    number: int = 1,
    *,
    key: PrivateKey = builders.ORGANISER_KEY,
    seed: bytes = ATTESTATION_SEED,
    slug: str = SLUG,
    sealed_as: str = "",
) -> dict[str, Any]:
    """The line of a signature. `sealed_as` is the index for which it is sealed, if another."""
    context = sealing.info(SIGNATURE, slug, sealed_as or index(number))
    sealed = sealing.seal(content, SIGNATURE, key.public_bytes, context)
    return attested_line(sealed, number, seed=seed, slug=slug)


def attested_line(
    sealed: bytes, number: int = 1, *, seed: bytes = ATTESTATION_SEED, slug: str = SLUG
) -> dict[str, Any]:
    """The line of a seal that is attested for 2026-03-08."""
    statement = attestation.signature_statement(slug, index(number), sealed, date(2026, 3, 8))
    return {
        "index": index(number),
        "confirmed_on": "2026-03-08",
        "sealed": b64encode(sealed).decode(),
        "attestation": b64encode(attestation.attest(seed, statement)).decode(),
    }


def signature_lines(count: int) -> list[dict[str, Any]]:
    """The lines of so many signatures."""
    return [signature_line(record(number), number) for number in range(1, count + 1)]


def export_lines(
    lines: Sequence[Line | bytes],
    *,
    slug: str = SLUG,
    seed: bytes = EXPORT_SEED,
    exported_at: datetime = builders.NOW,
    petition_keys: Sequence[Line] = (),
    **manifest: Any,
) -> list[bytes]:
    """All lines of an export. `manifest` has changes of the manifest, which is then attested."""
    header = {
        "format": "zaklik-export/1",
        "petition": slug,
        "exported_at": exported_at.isoformat(),
        "keys": list(petition_keys),
    }
    body = [line if isinstance(line, bytes) else to_bytes(line) for line in (header, *lines)]
    damaged = sum("damaged" in line for line in lines if not isinstance(line, bytes))
    text = json.dumps(
        {
            "petition": slug,
            "count": len(lines) - damaged,
            "held": 0,
            "damaged": damaged,
            "sha256": digest_of(body).hex(),
            **manifest,
        }
    )
    attested = attestation.attest(seed, attestation.manifest_statement(text.encode()))
    return [*body, to_bytes({"manifest": text, "attestation": b64encode(attested).decode()})]


def digest_of(lines: Sequence[bytes]) -> bytes:
    """The digest of lines: a chain over sections of a thousand, by the words of its definition."""
    digest = b""
    for start in range(0, len(lines), 1000):
        digest = hashlib.sha256(digest + b"".join(lines[start : start + 1000])).digest()
    return digest


def export(lines: Sequence[Line | bytes], **changes: Any) -> bytes:
    """The bytes of an export; takes the arguments of `export_lines`."""
    return gzip.compress(b"".join(export_lines(lines, **changes)), mtime=0)


def to_bytes(line: Line) -> bytes:
    """A line of the file."""
    return json.dumps(line).encode() + b"\n"
