"""Reads an export and verifies its manifest: which lines it had, and who exported them.

The format is that of `chalicelib/usecases/exports/exporting.py`.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Final

from chalicelib.crypto import attestation
from chalicelib.crypto.sealing import KEY_ID_BYTES, key_id
from chalicelib.crypto.section_digest import SectionDigest
from chalicelib.domain.petitions.petition import SLUG
from chalicelib.usecases.exports.packing import FORMAT
from ops.errors import CannotContinue
from ops.keys.unsealing.damaged_gzip import lines_before_fault
from ops.keys.unsealing.verification import json_value
from ops.terminal.command_hint import command

MAX_LINE_BYTES: Final = 16_384
"""A signature takes about 2,700 bytes; a longer line is refused before it fills the memory."""
MAX_HEADER_BYTES: Final = 1_048_576
"""The header holds the petition's keys, wrapped for each organiser."""
_PROGRESS_LINES: Final = 1000
_MANIFEST: Final = b'{"manifest":'


class BadExport(CannotContinue):
    """The file is no export, or is cut off or altered, or not attested by a trusted key."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line of an export: the petition, and when it was exported (aware UTC).

    `petition_keys` are as `petition_keys.unwrap` takes them, which checks them.
    """

    slug: str
    exported_at: datetime
    petition_keys: Any


class SealedExport:
    """An export in an open file that can be read twice.

    Its header can be read at once, and is as little verified as all else before `verify`.
    """

    def __init__(self, compressed: IO[bytes]) -> None:
        """Read the header. Raises BadExport."""
        self._compressed = compressed
        self.header = _header(next(self._lines(), b""))
        self.line_count = 0
        """The number of lines, once they are verified."""
        self.exported: int | None = None
        """The number of signatures, by the attested manifest of an export that is not verified."""
        self._digest = b""
        self._export_keys: Sequence[bytes] = ()

    def verify(
        self,
        export_keys: Sequence[bytes],
        *,
        progress: Callable[[int], None] = lambda position: None,
    ) -> None:
        """Read all lines, and verify them by the manifest. Raises BadExport.

        The manifest must be the last line, attested with one of the keys, and of this petition and
        these lines. `progress` gets the bytes read of the compressed file.
        """
        self._export_keys = export_keys
        digest, last, count = SectionDigest(), b"", 0
        for line in self._lines():
            if last:
                digest.add(last)
            last = line
            count += 1
            if count % _PROGRESS_LINES == 0:
                progress(self.position)
        manifest = _manifest(last, export_keys)
        if manifest["petition"] != self.header.slug:
            raise _altered("its manifest is that of another petition")
        if manifest["count"] + manifest["damaged"] != count - 2:
            raise _altered("its manifest names another number of lines")
        if manifest["sha256"] != digest.digest().hex():
            raise _altered("its lines are not those that were exported")
        self.line_count, self._digest = count, digest.digest()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The number and the text of each line between header and manifest.

        Of an export that is not verified, each line up to where it cannot be read, but for what
        looks like a manifest. Raises BadExport at the end if the file has changed since it was
        verified.
        """
        if not self.line_count:
            yield from self._readable_lines()
            return
        digest = SectionDigest()
        for number, line in enumerate(self._lines(), start=1):
            if number == self.line_count:
                break
            digest.add(line)
            if number > 1:
                yield number, line
        if digest.digest() != self._digest:
            raise BadExport("The export has changed while it was read. Copy it, and try again.")

    def _readable_lines(self) -> Iterator[tuple[int, bytes]]:
        self._compressed.seek(0)
        lines = lines_before_fault(self._compressed, max_bytes=MAX_HEADER_BYTES)
        next(lines, b"")
        for number, line in enumerate(lines, start=2):
            if len(line) > MAX_LINE_BYTES:
                return
            if line.startswith(_MANIFEST):
                self._note_manifest(line)
            else:
                yield number, line

    def _note_manifest(self, line: bytes) -> None:
        with suppress(BadExport):
            manifest = _manifest(line, self._export_keys)
            if manifest["petition"] == self.header.slug:
                self.exported = manifest["count"]

    @property
    def position(self) -> int:
        """The bytes read of the compressed file."""
        return self._compressed.tell()

    def _lines(self) -> Iterator[bytes]:
        """Every line, from the first one on."""
        self._compressed.seek(0)
        with gzip.GzipFile(fileobj=self._compressed, mode="rb") as decompressed:
            line = _read_line(decompressed, MAX_HEADER_BYTES, _not_an_export())
            while line:
                yield line
                line = _read_line(decompressed, MAX_LINE_BYTES, _altered("it cannot be read"))


def _read_line(decompressed: gzip.GzipFile, limit: int, refusal: BadExport) -> bytes:
    """The next line, b"" at the end. Raises BadExport."""
    try:
        line = decompressed.readline(limit + 1)
    except EOFError as error:
        raise _truncated() from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise refusal from error
    if len(line) > limit:
        raise refusal
    return line


def _header(line: bytes) -> Header:
    values = json_value(line)
    try:
        slug, exported_at = values["petition"], datetime.fromisoformat(values["exported_at"])
        readable = values["format"] == FORMAT and SLUG.fullmatch(slug) and exported_at.tzinfo
    except (KeyError, TypeError, ValueError) as error:
        raise _not_an_export() from error
    if not readable:
        raise _not_an_export()
    return Header(
        slug=slug, exported_at=exported_at.astimezone(UTC), petition_keys=values.get("keys")
    )


def _manifest(line: bytes, export_keys: Sequence[bytes]) -> Mapping[str, Any]:
    """The manifest of a last line, once it is known to be attested. Raises BadExport."""
    try:
        values = json_value(line)
        text, attested = values["manifest"], base64.b64decode(values["attestation"], validate=True)
        statement = attestation.manifest_statement(text.encode())
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _truncated() from error
    if not attestation.is_attested(statement, attested, export_keys):
        if attested[:KEY_ID_BYTES] in map(key_id, export_keys):
            raise _altered("its manifest is not the one that was exported")
        raise BadExport(
            "The export is not attested by a key that your key file trusts. If the service has a "
            "new key for exports, your key file learns it by `zaklik keys check`, once the "
            "petition was published again."
        )
    return dict(json.loads(text))


def _truncated() -> BadExport:
    return BadExport(
        "The export is cut off, or something follows its end. Copy it again, whole and alone."
    )


def _altered(how: str) -> BadExport:
    return BadExport(f"The export has been altered or damaged: {how}. Copy it again.")


def _not_an_export() -> BadExport:
    return BadExport(
        "This is not an export, or its beginning is damaged. Name one that "
        f"`{command('export')}` has written, or copy it again."
    )
