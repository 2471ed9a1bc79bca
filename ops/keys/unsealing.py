"""Opens an export on the organiser's machine: sealed lines in, a spreadsheet's CSV out.

It needs neither AWS nor the network, and holds one line in memory at a time.
"""

import base64
import binascii
import csv
import gzip
import hashlib
import json
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.crypto import sealing, unsealing
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.usecases.exports.exporting import FORMAT
from ops.atomic_write import atomic_write
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

COLUMNS: Final = ("name", "email", "country", "language", "confirmed_at")
MAX_LINE_BYTES: Final = 16_384
"""A sealed signature takes about 600 bytes; a longer line is refused before it fills the memory."""
_FORMULA_STARTERS: Final = frozenset("=+-@\u2212")
_LINE_STARTERS: Final = frozenset("\t\r\n")


class BadExport(CannotContinue):
    """The file is not an export, or is cut off or altered, or the key does not fit."""


@dataclass(frozen=True, kw_only=True)
class Unsealed:
    """How many signatures of which petition were opened."""

    slug: str
    count: int


def unseal(
    source: Path,
    keys: Sequence[X25519PrivateKey],
    target: Path,
    *,
    progress: Callable[[int, int], None] = lambda position, count: None,
) -> Unsealed:
    """Open the export `source` with any of `keys` and write the CSV `target` (mode 0600).

    `target` appears only when count and SHA-256 agree with the export's manifest. `progress` gets
    the bytes read of `source` and the signatures opened. Raises BadExport, OSError.
    """
    # Excel takes a file for UTF-8 only if it begins with a byte order mark ("sig").
    with (
        source.open("rb") as compressed,
        atomic_write(
            target, "w", encoding="utf-8-sig", errors="replace", newline=""
        ) as spreadsheet,
    ):
        export = _Export(compressed=compressed, keys=keys)
        # All cells are quoted: Excel may take a semicolon in a name for the end of a cell.
        writer = csv.writer(spreadsheet, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for record in export.records():
            writer.writerow([neutralise(record[column]) for column in COLUMNS])
            progress(compressed.tell(), export.count)
    return Unsealed(slug=export.slug, count=export.count)


def neutralise(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could take for a formula.

    Spreadsheets convert full-width and small forms of = + - @, and trim spaces and invisible
    characters before them. See OWASP, "CSV Injection".
    """
    visible = (c for c in cell if unicodedata.category(c)[0] not in "ZC")
    first = unicodedata.normalize("NFKC", next(visible, ""))[:1]
    return f"'{cell}" if first in _FORMULA_STARTERS or cell[:1] in _LINE_STARTERS else cell


@dataclass(kw_only=True)
class _Export:
    """An export that is read once, line by line, and checked against its manifest at the end."""

    compressed: IO[bytes]
    keys: Sequence[X25519PrivateKey]
    slug: str = ""
    count: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def records(self) -> Iterator[dict[str, str]]:
        """The opened signatures, in the order of the file. Raises BadExport."""
        lines = self._lines()
        self._read_head(next(lines, b""))
        context = sealing.info(sealing.SIGNATURE, self.slug)
        for line in lines:
            values = _json(line)
            if "sealed" not in values:
                self._check_manifest(values)
                if next(lines, None) is not None:
                    raise _altered("something follows its last line")
                return
            yield self._open(values["sealed"], context)
            self._digest.update(line)
            self.count += 1
        raise _truncated()

    def _lines(self) -> Iterator[bytes]:
        with gzip.GzipFile(fileobj=self.compressed, mode="rb") as decompressed:
            while True:
                try:
                    line = decompressed.readline(MAX_LINE_BYTES + 1)
                except EOFError as error:
                    raise _truncated() from error
                except gzip.BadGzipFile as error:
                    if self.slug:
                        raise _altered("its checksum is wrong") from error
                    raise _not_an_export() from error
                except zlib.error as error:
                    raise _altered("it cannot be decompressed") from error
                if not line:
                    return
                if len(line) > MAX_LINE_BYTES:
                    raise _not_an_export()
                yield line

    def _read_head(self, line: bytes) -> None:
        try:
            head = _json(line)
            file_format = head["format"]
            slug, sealed_to = head["petition"], base64.b64decode(head["public_key"])
        except (BadExport, KeyError, TypeError, ValueError) as error:
            raise _not_an_export() from error
        if file_format != FORMAT or not isinstance(slug, str):
            raise _not_an_export()
        self.slug = slug
        if sealed_to not in [key.public_key().public_bytes_raw() for key in self.keys]:
            raise BadExport(
                f"This key does not fit: the export of “{slug}” is sealed to another one. Give the "
                f"key file for which `{command('keys show FILE')}` prints "
                f"{base64.b64encode(sealed_to).decode()}."
            )

    def _open(self, text: Any, context: bytes) -> dict[str, str]:
        try:
            sealed = base64.b64decode(text, validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            raise self._unreadable() from error
        for key in self.keys:
            try:
                record = json.loads(unsealing.unseal(sealed, key, context))
                return {column: str(record[column]) for column in COLUMNS}
            except UnsealFailed:
                continue
            except (ValueError, KeyError, TypeError) as error:
                raise self._unreadable() from error
        raise self._unreadable()

    def _unreadable(self) -> BadExport:
        return BadExport(
            f"Signature {self.count + 1} cannot be opened: the petition had another key before, or "
            "the file has been altered. If you have the old key, add it: --key OLD --key NEW."
        )

    def _check_manifest(self, values: dict[str, Any]) -> None:
        if values.get("count") != self.count:
            raise _altered(f"it says {values.get('count')} signatures and holds {self.count}")
        if values.get("sha256") != self._digest.hexdigest():
            raise _altered("its lines are not those that were exported")


def _json(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise _altered("a line is not readable") from error
    if not isinstance(values, dict):
        raise _altered("a line is not readable")
    return values


def _truncated() -> BadExport:
    return BadExport("The export is cut off: its end is missing. Copy it again.")


def _altered(how: str) -> BadExport:
    return BadExport(f"The export has been altered or damaged: {how}. Copy it again.")


def _not_an_export() -> BadExport:
    return BadExport(f"This is not an export. Name one that `{command('export')}` has written.")
