"""Opens an export on the organiser's machine: sealed lines in, a spreadsheet's CSV out.

It needs neither AWS nor the network. In memory it holds one line, and 16 bytes of each mailbox.
"""

import csv
import hashlib
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.atomic_write import atomic_write
from ops.keys.unsealing.sealed_export import SealedExport
from ops.keys.unsealing.verification import COLUMNS, LineRefused, Reason, Verifier, index_of

MAX_SHOWN: Final = 20
"""Findings that a result holds. The report has all of them."""
REPORT_COLUMNS: Final = ("reason", "line", "row", "index")
_EMAIL: Final = COLUMNS.index("email")
_FORMULA_STARTERS: Final = frozenset("=+-@\u2212")
_LINE_STARTERS: Final = frozenset("\t\r\n")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A line of an export that is refused, or named as a double.

    `row` is its row in the spreadsheet, 0 for none. `index` is the blind index that it names: text
    that anybody may have written who can write to the table.
    """

    reason: Reason
    line: int
    row: int = 0
    index: str = ""


@dataclass(kw_only=True)
class Unsealed:
    """The result: the signatures in the spreadsheet, the findings by reason, and the first ones."""

    count: int = 0
    findings: Counter[Reason] = field(default_factory=Counter)
    first: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """The number of lines that are not in the spreadsheet."""
        return self.findings.total() - self.findings[Reason.DOUBLE]

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        self.findings[finding.reason] += 1
        if len(self.first) < MAX_SHOWN:
            self.first.append(finding)


def report_path(target: Path) -> Path:
    """The file of the findings, beside the spreadsheet."""
    return target.with_name(f"{target.name}.report.csv")


def unseal(
    export: SealedExport,
    keys: Sequence[PrivateKey],
    trusted: VerificationKeys,
    target: Path,
    *,
    progress: Callable[[int, int], None] = lambda position, count: None,
) -> Unsealed:
    """Verify an export, open its signatures with `keys` and write the CSV `target` (mode 0600).

    Nothing is opened before the manifest is verified. A line that cannot be verified or opened
    stops no other: it is a finding, and `report_path(target)`, which names no person, has all
    findings. Both files appear at the end. `progress` gets the bytes read and the signatures
    opened. Raises BadExport, OSError.
    """
    export.verify(trusted.export, progress=lambda position: progress(position, 0))
    verifier = Verifier(slug=export.header.slug, keys=keys, attestation_keys=trusted.attestation)
    unsealed = Unsealed()
    with (
        # Excel takes a file for UTF-8 only if it begins with a byte order mark ("sig").
        atomic_write(
            target, "w", encoding="utf-8-sig", errors="replace", newline=""
        ) as spreadsheet,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", newline="") as findings,
    ):
        report = _writer(findings, REPORT_COLUMNS)
        for finding in _rows(export, verifier, spreadsheet, unsealed, progress):
            unsealed.add(finding)
            report.writerow(
                [finding.reason, finding.line, finding.row or "", neutralise(finding.index)]
            )
        _write_report(findings if unsealed.first else None, report_path(target))
    return unsealed


def neutralise(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could take for a formula.

    Spreadsheets convert full-width and small forms of = + - @, and trim spaces and invisible
    characters before them. See OWASP, "CSV Injection".
    """
    visible = (c for c in cell if unicodedata.category(c)[0] not in "ZC")
    first = unicodedata.normalize("NFKC", next(visible, ""))[:1]
    return f"'{cell}" if first in _FORMULA_STARTERS or cell[:1] in _LINE_STARTERS else cell


class _Mailboxes:
    """The mailboxes so far, by their hashes: 100 MB for a million."""

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()

    def add(self, address: str) -> bool:
        """Whether this is a new mailbox."""
        canonical = email_address.canonical(address).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(canonical, digest_size=16).digest()
        if digest in self._hashes:
            return False
        self._hashes.add(digest)
        return True


def _rows(
    export: SealedExport,
    verifier: Verifier,
    spreadsheet: IO[str],
    unsealed: Unsealed,
    progress: Callable[[int, int], None],
) -> Iterator[Finding]:
    """Write and count a row for each good line; yield what is to be named."""
    rows, mailboxes = _writer(spreadsheet, COLUMNS), _Mailboxes()
    for line, values in export.lines():
        try:
            cells = verifier.open(values)
        except LineRefused as refused:
            yield Finding(reason=refused.reason, line=line, index=index_of(values))
            continue
        rows.writerow([neutralise(cell) for cell in cells])
        unsealed.count += 1
        progress(export.position, unsealed.count)
        if not mailboxes.add(cells[_EMAIL]):
            row = unsealed.count + 1
            yield Finding(reason=Reason.DOUBLE, line=line, row=row, index=index_of(values))


def _writer(file: IO[str], columns: Sequence[str]) -> Any:
    """A writer of rows, after the heading."""
    # All cells are quoted: Excel may take a semicolon in a name for the end of a cell.
    writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    return writer


def _write_report(findings: IO[str] | None, path: Path) -> None:
    """Write the report, or delete that of an earlier run."""
    if findings is None:
        path.unlink(missing_ok=True)
        return
    findings.seek(0)
    with atomic_write(path, "w", encoding="utf-8-sig", newline="") as report:
        shutil.copyfileobj(findings, report)
