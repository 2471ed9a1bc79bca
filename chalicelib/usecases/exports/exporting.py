"""Writes the sealed signatures of a petition to one file, one page of the table in memory."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from chalicelib.crypto import attestation
from chalicelib.domain.signature import DamagedSignature, SealedSignature, SignatureState
from chalicelib.store import keys, petitions, signatures
from chalicelib.wiring import Services

FORMAT: Final = "zaklik-export/1"


@dataclass(frozen=True, kw_only=True)
class Export:
    """The result: signatures in the file, and held ones that are not in it.

    `damaged` holds the blind indexes of items that cannot be read; the file names them, too.
    """

    slug: str
    count: int
    held: int
    damaged: Sequence[str]


def export(
    services: Services,
    slug: str,
    file: IO[bytes],
    *,
    progress: Callable[[int, int], None] = lambda bucket, count: None,
) -> Export:
    """Write the confirmed signatures of a petition to `file`, still sealed.

    The file is gzip of JSON lines: a header, one line a signature, and a manifest. The manifest has
    the petition, the count, the SHA-256 of all lines before it, the number of held signatures and
    the blind indexes of damaged items; the exporter's attestation stands beside it. `progress` gets
    the number of buckets read (of 256) and of signatures written. Raises NotFound, Unavailable.
    """
    petition = petitions.get(services.petitions, slug)
    digest = hashlib.sha256()
    count = held = 0
    damaged: list[str] = []
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:

        def write(values: dict[str, Any]) -> None:
            line = _line(values)
            digest.update(line)
            packed.write(line)

        write(
            {
                "format": FORMAT,
                "petition": slug,
                "exported_at": services.now().isoformat(timespec="seconds"),
            }
        )
        for done, bucket in enumerate(keys.BUCKETS, start=1):
            for signature in signatures.sealed_in(services.signatures, slug, bucket):
                if isinstance(signature, DamagedSignature):
                    damaged.append(signature.index)
                elif signature.state is not SignatureState.CONFIRMED:
                    held += 1
                else:
                    write(_sealed(signature))
                    count += 1
            progress(done, count)
        manifest = json.dumps(
            {
                "petition": slug,
                "count": count,
                "held": held,
                "damaged": damaged,
                "sha256": digest.hexdigest(),
            }
        )
        packed.write(_line(_attested(services, manifest)))
    return Export(slug=petition.slug, count=count, held=held, damaged=damaged)


def _sealed(signature: SealedSignature) -> dict[str, Any]:
    return {
        "index": signature.index,
        "confirmed_on": signature.confirmed_on.isoformat(),
        "sealed": base64.b64encode(signature.sealed).decode(),
        "attestation": base64.b64encode(signature.attestation).decode(),
    }


def _attested(services: Services, manifest: str) -> dict[str, Any]:
    key = services.secrets.export_keys.current(services.now())
    statement = attestation.manifest_statement(manifest.encode())
    return {
        "manifest": manifest,
        "attestation": base64.b64encode(attestation.attest(key.raw, statement)).decode(),
    }


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
