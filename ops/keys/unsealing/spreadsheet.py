"""Opens an export on the organiser's machine: sealed lines in, a table for a spreadsheet out.

It needs neither AWS nor the network. Memory does not grow with the number of signatures.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.atomic_write import atomic_write
from ops.keys.unsealing.mailbox_set import MailboxSet
from ops.keys.unsealing.parallel_opening import opened_lines
from ops.keys.unsealing.sealed_export import BadExport, SealedExport
from ops.keys.unsealing.table_files import WriteRow, csv_writer, neutralise, open_table
from ops.keys.unsealing.verification import COLUMNS, OpenedLine, Reason, Verifier

MAX_SHOWN: Final = 20
"""Findings that a result holds. The report has all of them."""
MISSING: Final = "{missing} of {exported} exported signatures are missing here"
UNKNOWN_MISSING: Final = "how many exported signatures are missing here is not known"
REPORT_COLUMNS: Final = ("reason", "line", "row", "index")
_EMAIL: Final = COLUMNS.index("email")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A line of an export that is refused, or named as a double.

    `row` says where it is in the spreadsheet, "" if it is not. `index` is the blind index that it
    names: text that anybody may have written who can write to the table.
    """

    reason: Reason
    line: int
    row: str = ""
    index: str = ""

    @property
    def cells(self) -> Sequence[str | int]:
        """The row of the report."""
        return [self.reason, self.line, self.row, neutralise(self.index)]


@dataclass(kw_only=True)
class Unsealed:
    """The result: the signatures in the spreadsheet, the findings by reason, and the first ones.

    `fault` says why the export as a whole is not verified, "" if it is. `lines` could be read, the
    header among them. `exported` signatures are named by an attested manifest, None if there is
    none; it is not asked of an export that is verified.
    """

    count: int = 0
    lines: int = 1
    fault: str = ""
    exported: int | None = None
    findings: Counter[Reason] = field(default_factory=Counter)
    first: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """The number of lines that are not in the spreadsheet."""
        return self.findings.total() - self.findings[Reason.DOUBLE]

    @property
    def missing(self) -> str:
        """How many signatures are missing, in words; "" if the export as a whole is verified."""
        if not self.fault:
            return ""
        if self.exported is None:
            return UNKNOWN_MISSING
        missing = max(self.exported - self.count, 0)
        return MISSING.format(missing=missing, exported=self.exported)

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
    keep_going: bool = False,
    processes: int | None = None,
    progress: Callable[[int, int], None] = lambda position, count: None,
) -> Unsealed:
    """Verify an export, open its signatures with `keys` and write `target` (CSV or XLSX).

    Nothing is opened before the manifest is verified, unless to `keep_going`: then all lines are
    opened that can be read, and `fault` is why the manifest does not vouch for them. A line that
    cannot be verified or opened stops no other: it is a finding, and `report_path(target)`, which
    names no person, has all findings, and how many signatures are missing if that is in question.
    Both files appear at the end. `progress` gets the bytes read and the signatures opened. Raises
    BadExport, CannotContinue if a process is killed, OSError.
    """
    unsealed = Unsealed()
    try:
        export.verify(trusted.export, progress=lambda position: progress(position, 0))
    except BadExport as error:
        if not keep_going:
            raise
        unsealed.fault = str(error)
    verifier = Verifier(slug=export.header.slug, keys=keys, attestation_keys=trusted.attestation)
    with (
        closing(opened_lines(export, verifier, processes=processes)) as lines,
        open_table(target, COLUMNS) as write,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", newline="") as findings,
    ):
        report = csv_writer(findings, REPORT_COLUMNS)
        for finding in _findings(lines, write, unsealed):
            if finding:
                unsealed.add(finding)
                report.writerow(finding.cells)
            progress(export.position, unsealed.count)
        unsealed.exported = export.exported
        if unsealed.missing:
            report.writerow([unsealed.missing, "", "", ""])
        has_lines = unsealed.first or unsealed.missing
        _write_report(findings if has_lines else None, report_path(target))
    return unsealed


def _findings(
    lines: Iterator[tuple[int, OpenedLine]], write: WriteRow, unsealed: Unsealed
) -> Iterator[Finding | None]:
    """Write and count a row for each good line; yield what is to be named of each line."""
    last = ("", "")
    with MailboxSet() as mailboxes:
        for number, line in lines:
            unsealed.lines = number
            reason, row = line.reason, ""
            if line.place and line.place <= last:
                reason = Reason.REPEATED
            if not reason and line.place:
                # A line that was refused must not keep out the signature whose index it names.
                last = line.place
                row = write(line.cells)
                unsealed.count += 1
                reason = None if mailboxes.add(line.cells[_EMAIL]) else Reason.DOUBLE
            if reason:
                yield Finding(reason=reason, line=number, row=row, index=line.index)
            else:
                yield None


def _write_report(findings: IO[str] | None, path: Path) -> None:
    """Write the report, or delete that of an earlier run."""
    if findings is None:
        path.unlink(missing_ok=True)
        return
    findings.seek(0)
    with atomic_write(path, "w", encoding="utf-8-sig", newline="") as report:
        shutil.copyfileobj(findings, report)
