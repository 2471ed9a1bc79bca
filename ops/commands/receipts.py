"""Receipts for data-protection requests: what the service held and did, without the address.

Two files of the same name: JSON for programs (`zaklik-receipt/1`), text to be sent to the person.
"""

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from chalicelib.domain.suppression import Suppression, SuppressionReason
from chalicelib.usecases.signatures.data_requests import DataReport, PetitionEntry
from ops.atomic_write import atomic_write, refuse_existing

FORMAT: Final = "zaklik-receipt/1"
LIMITS: Final = (
    (
        "Name and address of a signature are sealed to the organisers' key. The organisers can "
        "read them; this service cannot."
    ),
    (
        "Exports that organisers have downloaded are not reached. They must delete the person "
        "there themselves, and should be asked to."
    ),
    "Copies in backups of the tables are overwritten within 35 days.",
    (
        "A scrambled form of the address is kept for some days after an end, so that an old link "
        "cannot undo it. That of an address that is never mailed is kept until it is unblocked."
    ),
)
"""What a receipt does not cover, and who does."""
_NOTHING: Final = (
    "No signature, no news and no block is kept under this address. If a form named it in the last "
    "days, counters against floods hold a scrambled form of it, for two to four days."
)
_SUPPRESSED: Final = {
    SuppressionReason.OWNER: (
        "The address is never mailed, by any petition, since {it.since} (UTC): its reader asked "
        "for that."
    ),
    SuppressionReason.COMPLAINT: (
        "The address is never mailed, by any petition, since {it.since} (UTC): its reader reported "
        "a mail from here as unwanted."
    ),
    SuppressionReason.HARD_BOUNCE: (
        "The address is never mailed, by any petition, since {it.since} (UTC): a mail to it came "
        "back, because there is no such mailbox."
    ),
    SuppressionReason.SOFT_BOUNCES: (
        "The address gets no news, of any petition, before {it.until} (UTC): three mails to it "
        "came back for a passing reason, the last on {it.since}."
    ),
}
_COLUMNS: Final = 78


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The request ("show", "erase", "unblock"), what it was answered from, and when (UTC).

    `completed` is False when what was asked for was still queued at that moment.
    """

    request: str
    report: DataReport
    at: datetime
    completed: bool = True

    @property
    def actions(self) -> Sequence[str]:
        """What was done, a line each."""
        if self.request == "show":
            return ["Nothing was changed."]
        if self.request == "unblock":
            return [self._result("The address may be mailed again.")]
        lines = []
        for entry in self.report.active:
            slug = entry.petition.slug
            if entry.record.signed:
                lines.append(self._result(f"The signature under {slug} was deleted."))
            if entry.record.subscribed:
                lines.append(
                    self._result(f"News by mail of {slug} was ended, the address deleted.")
                )
        return lines or ["There was nothing to delete."]

    def _result(self, line: str) -> str:
        return line if self.completed else f"Queued, and not done at that time: “{line}”"


def paths_of(path: Path) -> tuple[Path, Path]:
    """Where the JSON and the text of a receipt lie, whatever ending `path` has."""
    return path.with_suffix(".json"), path.with_suffix(".txt")


def refuse_to_replace(path: Path) -> None:
    """Raise CannotContinue if a receipt would replace something."""
    for file in paths_of(path):
        refuse_existing(file, force=False, remedy="Name another file: receipts are kept.")


def write(path: Path, receipt: Receipt) -> None:
    """Write both files; only their owner can read them. Raises OSError."""
    json_path, text_path = paths_of(path)
    with atomic_write(json_path, "w", encoding="utf-8") as file:
        json.dump(to_values(receipt), file, ensure_ascii=False, indent=2)
        file.write("\n")
    with atomic_write(text_path, "w", encoding="utf-8") as file:
        file.write(to_text(receipt))


def to_values(receipt: Receipt) -> Mapping[str, Any]:
    """The receipt as JSON values."""
    return {
        "format": FORMAT,
        "asked": receipt.request,
        "at": receipt.at.isoformat(timespec="seconds"),
        "version": version("zaklik"),
        "petitions_looked_at": receipt.report.petition_count,
        "found": [_values_of(entry) for entry in receipt.report.found],
        "suppression": _suppression_values(receipt.report.suppression),
        "done": list(receipt.actions),
        "not_covered": list(LIMITS),
    }


def to_text(receipt: Receipt) -> str:
    """The receipt for people."""
    lines = [
        f"Asked for: {receipt.request}, answered on {receipt.at:%Y-%m-%d %H:%M} UTC",
        f"by zaklik {version('zaklik')}, over {receipt.report.petition_count} petitions.",
        "",
        "Found:",
        *(f"- {line}" for line in report_lines(receipt.report)),
        "",
        "Done:",
        *(f"- {line}" for line in receipt.actions),
        "",
        "Not covered:",
        *(f"- {line}" for line in LIMITS),
    ]
    return "\n".join(textwrap.fill(line, _COLUMNS, subsequent_indent="  ") for line in lines) + "\n"


def report_lines(report: DataReport) -> Sequence[str]:
    """What is kept about the address, a line each."""
    lines = [line for entry in report.found for line in _lines_of(entry)]
    if report.suppression:
        lines.append(_SUPPRESSED[report.suppression.reason].format(it=report.suppression))
    return lines or [_NOTHING]


def _lines_of(entry: PetitionEntry) -> Sequence[str]:
    title = f"“{entry.petition.text('en').title}” ({entry.petition.slug})"
    lines = []
    if signature := entry.record.signature:
        lines.append(f"{title}: a signature, {signature.state} since {signature.since} (UTC)")
    if subscription := entry.record.subscription:
        details = f", language {subscription.language}, {subscription.frequency}"
        lines.append(
            f"{title}: news by mail, {subscription.state} since "
            f"{subscription.since} (UTC){details if subscription.is_active else ''}"
        )
    return lines


def _suppression_values(found: Suppression | None) -> Mapping[str, str] | None:
    if found is None:
        return None
    until = {"until": found.until.isoformat()} if found.until else {}
    return {"reason": found.reason, "since": found.since.isoformat(), **until}


def _values_of(entry: PetitionEntry) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "petition": entry.petition.slug,
        "title": entry.petition.text("en").title,
    }
    if signature := entry.record.signature:
        values["signature"] = {
            "state": signature.state,
            "since": signature.since.isoformat(),
        }
    if subscription := entry.record.subscription:
        values["news"] = {
            "state": subscription.state,
            "since": subscription.since.isoformat(),
            "language": subscription.language,
            "frequency": subscription.frequency,
        }
    return values
