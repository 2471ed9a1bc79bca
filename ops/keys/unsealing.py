"""Opens an export on the organiser's machine: sealed lines in, a spreadsheet's CSV out.

Nothing here needs AWS or the network. One line is in memory at a time.
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
from ops.atomic_write import replacing
from ops.errors import CannotContinue

COLUMNS: Final = ("name", "email", "country", "language", "confirmed_at")
MAX_LINE_BYTES: Final = 16_384
"""A sealed signature takes about 600 bytes; a longer line is none, and must not fill the memory."""
_FORMULA_STARTERS: Final = frozenset("=+-@\u2212")
_LINE_STARTERS: Final = frozenset("\t\r\n")


class BadExport(CannotContinue):
    """The file is not an export, or has been cut or altered, or the key does not fit."""


@dataclass(frozen=True, kw_only=True)
class Unsealed:
    """What was opened: how many signatures of which petition."""

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

    `target` appears only when all of the file is sound: count and SHA-256 agree with its manifest.
    `progress` is told the bytes read of `source` and the signatures opened. Raises BadExport,
    OSError.
    """
    # Excel takes a file for UTF-8 only if it begins with a byte order mark ("sig").
    with (
        source.open("rb") as packed,
        replacing(target, "w", encoding="utf-8-sig", errors="replace", newline="") as text,
    ):
        reading = _Reading(packed=packed, keys=keys)
        # All cells are quoted, so that a semicolon in a name divides nothing where Excel expects
        # semicolons between cells.
        writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for record in reading.records():
            writer.writerow([neutral(record[column]) for column in COLUMNS])
            progress(packed.tell(), reading.count)
    return Unsealed(slug=reading.slug, count=reading.count)


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before such a one.

    Full-width and small forms of = + - @ count (some spreadsheets convert them), as do those behind
    spaces or invisible characters (some trim them). See OWASP, "CSV Injection".
    """
    visible = (c for c in cell if unicodedata.category(c)[0] not in "ZC")
    first = unicodedata.normalize("NFKC", next(visible, ""))[:1]
    return f"'{cell}" if first in _FORMULA_STARTERS or cell[:1] in _LINE_STARTERS else cell


@dataclass(kw_only=True)
class _Reading:
    """Goes through an export once, line by line, and knows at the end whether it was sound."""

    packed: IO[bytes]
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
        raise _cut()

    def _lines(self) -> Iterator[bytes]:
        with gzip.GzipFile(fileobj=self.packed, mode="rb") as unpacked:
            while True:
                try:
                    line = unpacked.readline(MAX_LINE_BYTES + 1)
                except EOFError as error:
                    raise _cut() from error
                except gzip.BadGzipFile as error:
                    if self.slug:
                        raise _altered("its checksum is wrong") from error
                    raise _foreign() from error
                except zlib.error as error:
                    raise _altered("it cannot be unpacked") from error
                if not line:
                    return
                if len(line) > MAX_LINE_BYTES:
                    raise _foreign()
                yield line

    def _read_head(self, line: bytes) -> None:
        try:
            head = _json(line)
            known = head["format"] == FORMAT
            slug, sealed_to = head["petition"], base64.b64decode(head["public_key"])
        except (BadExport, KeyError, TypeError, ValueError) as error:
            raise _foreign() from error
        if not known or not isinstance(slug, str):
            raise _foreign()
        self.slug = slug
        if sealed_to not in [key.public_key().public_bytes_raw() for key in self.keys]:
            raise BadExport(
                f"This key does not fit: the export of “{slug}” is sealed to another one. Its "
                f"public key is {base64.b64encode(sealed_to).decode()}; `zaklik keys show FILE` "
                "says which one is yours."
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
            f"Signature {self.count + 1} cannot be opened: the file has been altered, or the "
            "petition had another key before. With that one too, add it: --key OLD --key NEW."
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
        raise _altered("a line of it is not readable") from error
    if not isinstance(values, dict):
        raise _altered("a line of it is not readable")
    return values


def _cut() -> BadExport:
    return BadExport("The export is cut off: its end is missing. Copy it again, or export again.")


def _altered(how: str) -> BadExport:
    return BadExport(f"The export has been altered or damaged: {how}. Copy it again.")


def _foreign() -> BadExport:
    return BadExport("This is not an export of Zaklik. `zaklik export` makes one.")
