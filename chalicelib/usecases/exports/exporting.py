"""Writes the sealed signatures of a petition to one file, one page of the table in memory.

The file is gzip of lines of JSON, here with line breaks for reading:

  {"format": "zaklik-export/1", "petition": "open-door",
   "exported_at": "2026-03-08T12:00:00+00:00", "keys": [{"public_key": "…", "wraps": […]}]}
  {"index": "013f9a…", "confirmed_on": "2026-03-07", "sealed": "…", "attestation": "…"}
  {"damaged": "0140e1…"}
  {"manifest": TEXT, "attestation": "…"}

TEXT is JSON in a string, so that its bytes are those that were attested:

  {"petition": "open-door", "count": 1, "held": 0, "damaged": 1, "sha256": "0f3a…"}

`sha256` is the digest of all lines before the manifest, in hexadecimal: a chain over sections of
1,000 lines, as `crypto/section_digest.py` says. `attestation` of the manifest is four bytes of the
exporter's key and Ed25519 over `zaklik/export/1/` and the manifest's text; all bytes are base64.
Lines of signatures and damaged items are in the order of buckets (the third and fourth digit of an
index) and then of indexes.
"""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

from chalicelib.crypto import attestation
from chalicelib.crypto.section_digest import SectionDigest
from chalicelib.domain.signature import DamagedSignature, SealedSignature, SignatureState
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signatures
from chalicelib.wiring import Services

FORMAT: Final = "zaklik-export/1"
MAX_NAMED: Final = 20
"""Damaged items that the result names. The file names all of them."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """The result: signatures in the file, held ones that are not in it, and damaged items.

    `named` holds the blind indexes of the first damaged items: text that anybody may have written
    who can write to the table.
    """

    slug: str
    count: int
    held: int
    damaged: int
    named: Sequence[str]


def export(
    services: Services,
    slug: str,
    file: IO[bytes],
    *,
    petition_keys: Sequence[Mapping[str, Any]],
    progress: Callable[[int, int], None] = lambda bucket, count: None,
) -> Export:
    """Write the confirmed signatures of a petition to `file`, still sealed.

    The file is gzip of JSON lines: a header with `petition_keys`, the petition's keys as its
    organisers unwrap them; one line a signature, in the order of buckets and indexes, and one a
    damaged item; and a manifest. The manifest has the petition, the numbers of signatures, held
    signatures and damaged items, and the digest of all lines before it (`crypto/section_digest`);
    the exporter's attestation stands beside it. `progress` gets the number of buckets read (of 256)
    and of signatures written. Raises NotFound, Unavailable.
    """
    petitions.get(services.petitions, slug)
    lines = _Lines(file)
    lines.write(
        {
            "format": FORMAT,
            "petition": slug,
            "exported_at": services.now().isoformat(timespec="seconds"),
            "keys": petition_keys,
        }
    )
    for done, bucket in enumerate(keys.BUCKETS, start=1):
        for signature in signatures.sealed_in(services.signatures, slug, bucket):
            lines.add(signature)
        progress(done, lines.count)
    lines.write(_attested(services, lines.manifest(slug)))
    lines.end()
    return Export(
        slug=slug, count=lines.count, held=lines.held, damaged=lines.damaged, named=lines.named
    )


@dataclass
class _Lines:
    """The lines of a file, counted, hashed and packed while they are written."""

    file: IO[bytes]
    count: int = 0
    held: int = 0
    damaged: int = 0
    named: list[str] = field(default_factory=list)
    _digest: SectionDigest = field(default_factory=SectionDigest)
    # Seals are random: only base64 can be shortened, and Huffman codes do that four times as fast.
    _gzip: Any = field(
        default_factory=lambda: zlib.compressobj(
            wbits=16 + zlib.MAX_WBITS, strategy=zlib.Z_HUFFMAN_ONLY
        )
    )

    def add(self, signature: SealedSignature | DamagedSignature) -> None:
        """Write the line of a signature, unless it is held, or of a damaged item."""
        if isinstance(signature, DamagedSignature):
            self.damaged += 1
            if len(self.named) < MAX_NAMED:
                self.named.append(signature.index)
            self.write({"damaged": signature.index})
        elif signature.state is SignatureState.CONFIRMED:
            self.count += 1
            self.write(_sealed(signature))
        else:
            self.held += 1

    def write(self, values: Mapping[str, Any]) -> None:
        """Write one line."""
        line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
        self._digest.add(line)
        self.file.write(self._gzip.compress(line))

    def end(self) -> None:
        """Write the end of the file."""
        self.file.write(self._gzip.flush())

    def manifest(self, slug: str) -> str:
        """The text of the manifest of the lines so far."""
        return json.dumps(
            {
                "petition": slug,
                "count": self.count,
                "held": self.held,
                "damaged": self.damaged,
                "sha256": self._digest.digest().hex(),
            }
        )


def _sealed(signature: SealedSignature) -> Mapping[str, Any]:
    return {
        "index": signature.index,
        "confirmed_on": signature.confirmed_on.isoformat(),
        "sealed": base64.b64encode(signature.sealed).decode(),
        "attestation": base64.b64encode(signature.attestation).decode(),
    }


def _attested(services: Services, manifest: str) -> Mapping[str, Any]:
    key = services.secrets.export_keys.current(services.now())
    statement = attestation.manifest_statement(manifest.encode())
    return {
        "manifest": manifest,
        "attestation": base64.b64encode(attestation.attest(key.raw, statement)).decode(),
    }
