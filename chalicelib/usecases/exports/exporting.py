"""Writes the sealed signatures of a petition to one file, one page of the table in memory."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final

from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.store import keys, petitions, signatures
from chalicelib.wiring import Services

FORMAT: Final = "zaklik-export/1"


@dataclass(frozen=True, kw_only=True)
class Export:
    """The result: signatures in the file, and held signatures that are not in it."""

    slug: str
    count: int
    held: int


def export(
    services: Services,
    slug: str,
    file: IO[bytes],
    *,
    progress: Callable[[int, int], None] = lambda bucket, count: None,
) -> Export:
    """Write the confirmed signatures of a petition to `file`, still sealed.

    The file is gzip of JSON lines: a header, one line a signature, and a manifest with the count
    and the SHA-256 of the signatures' lines, which shows a cut or altered file. `progress` gets the
    number of buckets read (of 256) and of signatures written. Raises NotFound, Unavailable.
    """
    petition = petitions.get(services.petitions, slug)
    digest = hashlib.sha256()
    count = held = 0
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(
            _line(
                {
                    "format": FORMAT,
                    "petition": slug,
                    "public_key": base64.b64encode(petition.public_key).decode(),
                    "exported_at": services.now().isoformat(timespec="seconds"),
                }
            )
        )
        for done, bucket in enumerate(keys.BUCKETS, start=1):
            for signature in signatures.sealed_in(services.signatures, slug, bucket):
                if signature.state is not SignatureState.CONFIRMED:
                    held += 1
                    continue
                line = _line(_sealed(signature))
                digest.update(line)
                packed.write(line)
                count += 1
            progress(done, count)
        packed.write(_line({"count": count, "sha256": digest.hexdigest()}))
    return Export(slug=slug, count=count, held=held)


def _sealed(signature: SealedSignature) -> dict[str, Any]:
    return {"sealed": base64.b64encode(signature.sealed).decode()}


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
