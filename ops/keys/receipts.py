"""Receipts for data-protection requests: what was found and done, without the address.

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

from chalicelib.usecases.signatures.data_requests import DataReport, PetitionEntry
from ops.atomic_write import refuse_existing, replacing
from ops.terminal.command_hint import NAME

FORMAT: Final = "zaklik-receipt/1"
LIMITS: Final = (
    "Name and address of a signature are sealed to the organisers' key. This service cannot read "
    "them; the organisers can.\n"
    "Exports that organisers had taken home before are not reached. They must delete the person "
    "there themselves, and should be told to.\n"
    "Copies in backups of the tables are overwritten within 35 days.\n"
    "For some days after an end a scrambled form of the address is kept, so that an old link "
    "cannot undo it. Who is never to be mailed is kept in such a form until that is taken back."
).splitlines()
"""What a receipt does not cover, and who does."""
_COLUMNS: Final = 78


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was asked ("show", "erase", "unblock"), what was found, and when (aware UTC)."""

    asked: str
    answer: DataReport
    at: datetime


def paths_of(path: Path) -> tuple[Path, Path]:
    """Where the JSON and the text of a receipt lie, whatever ending `path` has."""
    return path.with_suffix(".json"), path.with_suffix(".txt")


def refuse_to_replace(path: Path) -> None:
    """Raise CannotContinue if a receipt would replace something."""
    for each in paths_of(path):
        refuse_existing(each, force=False, remedy="Name another file: receipts are kept.")


def write(path: Path, receipt: Receipt) -> None:
    """Write both files; only their owner can read them. Raises OSError."""
    as_json, as_text = paths_of(path)
    with replacing(as_json, "w", encoding="utf-8") as file:
        json.dump(to_values(receipt), file, ensure_ascii=False, indent=2)
        file.write("\n")
    with replacing(as_text, "w", encoding="utf-8") as file:
        file.write(to_text(receipt))


def to_values(receipt: Receipt) -> Mapping[str, Any]:
    """The receipt as JSON values."""
    return {
        "format": FORMAT,
        "asked": receipt.asked,
        "at": receipt.at.isoformat(timespec="seconds"),
        "version": version(NAME),
        "petitions_looked_at": receipt.answer.petition_count,
        "found": [_values_of(each) for each in receipt.answer.found],
        "never_mailed": receipt.answer.blocked,
        "done": _done(receipt),
        "not_covered": list(LIMITS),
    }


def to_text(receipt: Receipt) -> str:
    """The receipt for people."""
    lines = [
        f"Asked for: {receipt.asked}, answered on {receipt.at:%Y-%m-%d %H:%M} UTC",
        f"by {NAME} {version(NAME)}, over {receipt.answer.petition_count} petitions.",
        "",
        "Found:",
        *(f"- {line}" for line in found_lines(receipt.answer)),
        "",
        "Done:",
        *(f"- {line}" for line in _done(receipt)),
        "",
        "Not covered:",
        *(f"- {line}" for line in LIMITS),
    ]
    return "\n".join(textwrap.fill(line, _COLUMNS, subsequent_indent="  ") for line in lines) + "\n"


def found_lines(answer: DataReport) -> Sequence[str]:
    """What was found, a line each."""
    lines = [line for each in answer.found for line in _lines_of(each)]
    if answer.blocked:
        lines.append(
            "The address is never mailed, by any petition: somebody who reads it asked so."
        )
    return lines or ["Nothing is kept about this address."]


def _lines_of(each: PetitionEntry) -> Sequence[str]:
    title = f"“{each.petition.text('en').title}” ({each.petition.slug})"
    lines = []
    if signature := each.record.signature:
        beside = f", country {signature.country or 'not given'}, language {signature.language}"
        lines.append(
            f"{title}: a signature, {signature.state} since {signature.since:%Y-%m-%d %H:%M} UTC"
            f"{beside if signature.is_active else ''}"
        )
    if subscription := each.record.subscription:
        how = f", language {subscription.language}, {subscription.frequency}"
        lines.append(
            f"{title}: news by mail, {subscription.state} since "
            f"{subscription.since:%Y-%m-%d %H:%M} UTC{how if subscription.is_active else ''}"
        )
    return lines


def _values_of(each: PetitionEntry) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "petition": each.petition.slug,
        "title": each.petition.text("en").title,
    }
    if signature := each.record.signature:
        values["signature"] = {
            "state": signature.state,
            "since": signature.since.isoformat(timespec="seconds"),
            "country": signature.country,
            "language": signature.language,
        }
    if subscription := each.record.subscription:
        values["news"] = {
            "state": subscription.state,
            "since": subscription.since.isoformat(timespec="seconds"),
            "language": subscription.language,
            "frequency": subscription.frequency,
        }
    return values


def _done(receipt: Receipt) -> Sequence[str]:
    """What was done, a line each."""
    if receipt.asked == "unblock":
        return ["The address may be mailed again."]
    if receipt.asked != "erase":
        return ["Nothing was changed."]
    done = []
    for each in receipt.answer.found:
        if each.record.signed:
            done.append(f"The signature under {each.petition.slug} was deleted.")
        if each.record.subscribed:
            done.append(f"News by mail of {each.petition.slug} was ended, the address deleted.")
    return done or ["There was nothing to delete."]
