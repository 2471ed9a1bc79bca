"""Packs the lines of an export: one gzip member that several processes write one after another.

Each packs a part: raw deflate blocks that end on a byte, after which nothing refers to what came
before. What the next one must know is in `Packed`. The first part begins with gzip's header, the
last one ends with the CRC-32 and the length of all lines (RFC 1952).
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from chalicelib.crypto.section_digest import SectionDigest
from chalicelib.domain.signature import DamagedSignature, SealedSignature, SignatureState

FORMAT: Final = "zaklik-export/1"
MAX_NAMED: Final = 20
"""Damaged items that the result names. The file names all of them."""
_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Of gzip: deflate, no time, no name, unknown system."""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """The parts so far: what their lines hold, `length` bytes packed into `size`.

    `named` holds the blind indexes of the first damaged items: text that anybody may have written
    who can write to the table.
    """

    digest: bytes = b""
    crc: int = 0
    length: int = 0
    size: int = 0
    count: int = 0
    held: int = 0
    damaged: int = 0
    named: tuple[str, ...] = ()

    def to_values(self) -> dict[str, Any]:
        """As DynamoDB stores it."""
        return {**asdict(self), "named": list(self.named)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Packed":
        """As it was stored."""
        return cls(**{**values, "named": tuple(values["named"])})


class FilePart:
    """A part that is being packed, after the parts `before`."""

    def __init__(self, before: Packed) -> None:
        self._before = before
        self._digest = SectionDigest(before.digest)
        self._crc, self._length = before.crc, before.length
        self._count, self._held, self._damaged = before.count, before.held, before.damaged
        self._named: list[str] = list(before.named)
        self._data = bytearray(b"" if before.size else _HEADER)
        # Seals are random: only base64 can be shortened, and Huffman codes do that four times as
        # fast.
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS, strategy=zlib.Z_HUFFMAN_ONLY)

    @property
    def size(self) -> int:
        """The bytes that are packed for certain; there may be some more."""
        return len(self._data)

    @property
    def may_end(self) -> bool:
        """Whether another process can go on after the last line."""
        return self._digest.is_whole

    def add(self, signature: SealedSignature | DamagedSignature) -> None:
        """Pack the line of a signature, unless it is held, or of a damaged item."""
        if isinstance(signature, DamagedSignature):
            self._damaged += 1
            if len(self._named) < MAX_NAMED:
                self._named.append(signature.index)
            self.write({"damaged": signature.index})
        elif signature.state is SignatureState.CONFIRMED:
            self._count += 1
            self.write(_sealed(signature))
        else:
            self._held += 1

    def write(self, values: Mapping[str, Any]) -> None:
        """Pack one line."""
        line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
        self._digest.add(line)
        self._crc = zlib.crc32(line, self._crc)
        self._length += len(line)
        self._data += self._deflate.compress(line)

    def manifest(self, slug: str) -> str:
        """The text of the manifest of all lines so far."""
        return json.dumps(
            {
                "petition": slug,
                "count": self._count,
                "held": self._held,
                "damaged": self._damaged,
                "sha256": self._digest.digest().hex(),
            }
        )

    def end(self, *, last: bool = False) -> tuple[bytes, Packed]:
        """End the part, or the file; its bytes, and the parts up to it."""
        self._data += self._deflate.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
        if last:
            self._data += self._crc.to_bytes(4, "little")
            self._data += (self._length % 2**32).to_bytes(4, "little")
        packed = Packed(
            digest=self._digest.digest(),
            crc=self._crc,
            length=self._length,
            size=self._before.size + len(self._data),
            count=self._count,
            held=self._held,
            damaged=self._damaged,
            named=tuple(self._named),
        )
        return bytes(self._data), packed


def header(slug: str, exported_at: str, petition_keys: Sequence[Mapping[str, Any]]) -> Any:
    """The values of the first line. `petition_keys` are as the petition's key file has them."""
    return {
        "format": FORMAT,
        "petition": slug,
        "exported_at": exported_at,
        "keys": petition_keys,
    }


def _sealed(signature: SealedSignature) -> Mapping[str, Any]:
    return {
        "index": signature.index,
        "confirmed_on": signature.confirmed_on.isoformat(),
        "sealed": base64.b64encode(signature.sealed).decode(),
        "attestation": base64.b64encode(signature.attestation).decode(),
    }
