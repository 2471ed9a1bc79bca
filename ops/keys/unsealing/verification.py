"""Verifies the lines of an export, cheap checks first, and opens only what is attested."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from chalicelib.crypto import attestation, sealing, unsealing
from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.crypto.sealing import KEY_ID_BYTES, SIGNATURE, SUITE, key_id
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed

COLUMNS: Final = ("name", "email", "country", "language", "confirmed_at")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3}(\d{3})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
"""As the service writes it. ISO 8601 has more forms, which two programs may read differently."""
_INDEX: Final = re.compile(r"[0-9a-f]{34}")


class Reason(StrEnum):
    """Why a line is refused, or, for a double, named and written all the same."""

    UNREADABLE = "not readable in the table at the export"
    DAMAGED = "damaged"
    REPEATED = "a blind index that occurs before, or out of order"
    OTHER_ATTESTER = "attested by a key that is not trusted"
    NOT_ATTESTED = "not attested: altered, moved, or never stored by the service"
    OTHER_KEY = "sealed to another key"
    NOT_OPENED = "attested, but damaged, or sealed for another place"
    INCOMPLETE = "attested, but not complete"
    OTHER_DAY = "attested, but of another day than it says"
    DOUBLE = "from a mailbox that occurs before, under another blind index"


class LineRefused(Exception):
    """A line is no signature that can be verified and opened."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class OpenedLine:
    """A line by itself: its cells in the order of COLUMNS, or the reason why it has none.

    `index` is the blind index that it names, which may be any text, or "". `place` orders the
    lines of an export; None for a line whose fields have not the right form.
    """

    index: str
    place: tuple[str, str] | None = None
    cells: Sequence[str] = ()
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Verifies single lines of an export.

    `keys` are the petition's private keys, the former ones too. `attestation_keys` are the trusted
    public keys of the service.
    """

    slug: str
    keys: Sequence[PrivateKey]
    attestation_keys: Sequence[bytes]

    def open(self, line: bytes) -> OpenedLine:
        """A line of JSON, verified and opened."""
        values, place = json_value(line), None
        try:
            fields = _line(values)
            # An export is in this order, so that a copy needs no memory to be seen.
            place = (fields.index[2:4], fields.index)
            self._check_attestation(fields)
            return OpenedLine(index=fields.index, place=place, cells=self._unseal(fields))
        except LineRefused as refused:
            return OpenedLine(index=_index_of(values), place=place, reason=refused.reason)

    def _check_attestation(self, line: "_Line") -> None:
        statement = attestation.signature_statement(
            self.slug, line.index, line.sealed, line.confirmed_on
        )
        if attestation.is_attested(statement, line.attestation, self.attestation_keys):
            return
        known = line.attestation[:KEY_ID_BYTES] in map(key_id, self.attestation_keys)
        raise LineRefused(Reason.NOT_ATTESTED if known else Reason.OTHER_ATTESTER)

    def _unseal(self, line: "_Line") -> Sequence[str]:
        named = line.sealed[len(SUITE) : len(SUITE) + KEY_ID_BYTES]
        if named not in (key.id for key in self.keys):
            raise LineRefused(Reason.OTHER_KEY)
        try:
            record = unsealing.unseal(
                line.sealed, self.keys, sealing.info(SIGNATURE, self.slug, line.index)
            )
        except UnsealFailed as error:
            raise LineRefused(Reason.NOT_OPENED) from error
        return _cells(record, line.confirmed_on)


def json_value(line: bytes) -> Any:
    """The JSON value of a line; None if it has none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _index_of(values: Any) -> str:
    """The blind index that a line names, or "". It may be any text."""
    fields = values if isinstance(values, Mapping) else {}
    index = fields.get("index", fields.get("damaged"))
    return index if isinstance(index, str) else ""


@dataclass(frozen=True, kw_only=True)
class _Line:
    index: str
    confirmed_on: date
    sealed: bytes
    attestation: bytes


def _line(values: Any) -> _Line:
    """A line whose fields have the right form. Raises LineRefused."""
    try:
        if "damaged" in values:
            raise LineRefused(Reason.UNREADABLE)
        line = _Line(
            index=values["index"],
            confirmed_on=_day(values["confirmed_on"], _DAY),
            sealed=base64.b64decode(values["sealed"], validate=True),
            attestation=base64.b64decode(values["attestation"], validate=True),
        )
        lengths = (len(line.sealed), len(line.attestation))
        right = _INDEX.fullmatch(line.index) and lengths == (
            SIGNATURE.sealed_bytes,
            ATTESTATION_BYTES,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LineRefused(Reason.DAMAGED) from error
    if not right:
        raise LineRefused(Reason.DAMAGED)
    return line


def _cells(record: Any, confirmed_on: date) -> Sequence[str]:
    """The cells of a record that is complete and of this day. Raises LineRefused."""
    try:
        cells = [record[column] for column in COLUMNS]
        day = _day(record["confirmed_at"], _DAY, _MOMENT)
        complete = all(isinstance(cell, str) for cell in cells) and record["name"]
        complete = complete and "@" in record["email"]
    except (KeyError, TypeError, ValueError) as error:
        raise LineRefused(Reason.INCOMPLETE) from error
    if not complete:
        raise LineRefused(Reason.INCOMPLETE)
    if day != confirmed_on:
        raise LineRefused(Reason.OTHER_DAY)
    return cells


def _day(text: str, *forms: re.Pattern[str]) -> date:
    """The day (UTC) of a moment, or of a corrected signature, which has its day alone.

    Raises TypeError or ValueError, also for a text of another form.
    """
    if not any(form.fullmatch(text) for form in forms):
        raise ValueError("another form")
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC).date()
