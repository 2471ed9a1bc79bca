"""Reads petition.toml: what is the same in every language of a petition."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.domain import email_address
from chalicelib.domain.email_address import BadAddress
from chalicelib.domain.petition import Organiser
from ops import compiling
from ops.content.toml_reader import Sheet
from ops.terminal.command_hint import command

PETITION_FILE: Final = "petition.toml"
DEVELOPMENT: Final = "development"
"""What stands in place of a key while one tries things out."""
MAX_GOAL: Final = 1_000_000_000
_KEYS: Final = (
    "languages",
    "opens_on",
    "closes_on",
    "goals",
    "public_key",
    "pseudonyms",
    "organiser",
)
_ORGANISER_KEYS: Final = ("name", "email", "website", "placeholder")
_WEBSITE: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")
_EXAMPLE: Final = re.compile(r"(?:^|[@/.])example\.(?:org|com|net)(?![\w.-])", re.IGNORECASE)
"""Domains that belong to nobody (RFC 2606): a petition that names one was left unfinished."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What petition.toml says. Where it has a problem, a value may be empty."""

    languages: Sequence[str]
    opens_on: date
    closes_on: date
    goals: tuple[int, ...]
    public_key: bytes
    organiser: Organiser
    pseudonyms: bool


def read_terms(sheet: Sheet, *, development_key: bytes | None, live_on: date | None) -> Terms:
    """Read petition.toml; what is wrong with it goes to the sheet's problems.

    `live_on` is the day on which real signatures are to be collected; None to try things out.
    """
    live = live_on is not None
    sheet.refuse_others(_KEYS)
    opens_on, closes_on = _days(sheet, live_on)
    return Terms(
        languages=_languages(sheet),
        opens_on=opens_on,
        closes_on=closes_on,
        goals=_goals(sheet),
        public_key=_public_key(sheet, development_key, live=live),
        organiser=_organiser(sheet.part("organiser"), live=live),
        pseudonyms=_pseudonyms(sheet),
    )


def read_languages(sheet: Sheet) -> Sequence[str]:
    """The languages that petition.toml names, in its order, without saying what is wrong there."""
    named = sheet.values.get("languages")
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def _languages(sheet: Sheet) -> Sequence[str]:
    """Those named languages that the interface speaks; the others are problems."""
    named: Sequence[str] = sheet.several("languages", str, '["en", "be", "ru"]')
    offered = compiling.languages()
    for language in dict.fromkeys(named):
        if language not in offered:
            sheet.add(
                "languages",
                f"The buttons and forms do not speak “{language}”.",
                f"They speak {', '.join(offered)}. "
                "Take it out, or ask an engineer to add it under locale/.",
            )
        if named.count(language) > 1:
            sheet.add("languages", f"“{language}” is named twice.", "Delete one of the two.")
    return [language for language in dict.fromkeys(named) if language in offered]


def _days(sheet: Sheet, live_on: date | None) -> tuple[date, date]:
    opens_on = sheet.day("opens_on", "2026-01-01")
    closes_on = sheet.day("closes_on", "2027-12-31")
    if opens_on and closes_on and closes_on < opens_on:
        sheet.add(
            "closes_on",
            f"The petition closes on {closes_on}, before it opens on {opens_on}.",
            "Correct one of the two dates.",
        )
    if live_on and closes_on and closes_on < live_on:
        sheet.add(
            "closes_on",
            f"The last day to sign, {closes_on}, has passed.",
            "Write a day that is still to come.",
        )
    return opens_on or date.min, closes_on or date.min


def _goals(sheet: Sheet) -> tuple[int, ...]:
    goals = sheet.several("goals", int, "[100, 500, 1000]")
    for goal, following in zip(goals, [*goals[1:], MAX_GOAL + 1], strict=False):
        if not 0 < goal < following:
            sheet.add(
                "goals",
                f"The goals do not rise from small to large at {goal}.",
                "Write numbers from 1 up, each larger than the last: goals = [100, 500, 1000]",
            )
            break
    return tuple(goals)


def _pseudonyms(sheet: Sheet) -> bool:
    value = sheet.values.get("pseudonyms", False)
    if not isinstance(value, bool):
        sheet.add(
            "pseudonyms",
            "This says neither yes nor no.",
            "Write pseudonyms = true or pseudonyms = false.",
        )
        return False
    return value


def _public_key(sheet: Sheet, development_key: bytes | None, *, live: bool) -> bytes:
    typed = sheet.text("public_key", '"the key that `zaklik keys new` prints"')
    if typed != DEVELOPMENT:
        key = _key(typed)
        if typed and key is None:
            sheet.add("public_key", "This is not a public key.", _key_remedy())
        return key or b""
    if live:
        what = "Real signatures must not be sealed to the development key: its passphrase is known."
        sheet.add("public_key", what, _key_remedy())
    elif development_key is None:
        sheet.add("public_key", "There is no development key here.", _key_remedy())
    return development_key or b""


def _key_remedy() -> str:
    return f"Make a key with `{command('keys new')}` and copy the line that it prints."


def _key(typed: str) -> bytes | None:
    """The 32 bytes of a key that something can be sealed to, or None."""
    try:
        key = base64.b64decode(typed, validate=True)
        sealing.seal(b"", key, b"")
    except (binascii.Error, ValueError):
        return None
    return key


def _organiser(sheet: Sheet, *, live: bool) -> Organiser:
    sheet.refuse_others(_ORGANISER_KEYS)
    organiser = Organiser(
        name=sheet.text("name", '"Your organisation"'),
        email=sheet.text("email", '"petition@your-organisation.org"'),
        website=sheet.text("website", '"https://your-organisation.org"'),
        placeholder=sheet.values.get("placeholder", False) is not False,
    )
    if organiser.email:
        try:
            email_address.parse(organiser.email)
        except BadAddress as bad:
            sheet.add("email", "This is not a usable email address.", bad.reason.text)
    if organiser.website and not _WEBSITE.fullmatch(organiser.website):
        sheet.add(
            "website",
            "This is not a web address.",
            'Write all of it: website = "https://your-organisation.org"',
        )
    if live:
        _refuse_placeholders(sheet, organiser)
    return organiser


def _refuse_placeholders(sheet: Sheet, organiser: Organiser) -> None:
    """Note what does not yet name those who run the petition."""
    for key, value in (("email", organiser.email), ("website", organiser.website)):
        if _EXAMPLE.search(value):
            sheet.add(key, f"“{value}” is an example, not an address of yours.", "Write your own.")
    if organiser.placeholder:
        sheet.add(
            "placeholder",
            "Nobody has said yet who runs this petition.",
            "Write your own name, email and website, then delete this line.",
        )
