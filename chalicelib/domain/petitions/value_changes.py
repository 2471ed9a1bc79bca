"""What differs between two forms of a petition but for the text that signers agree to.

Settings, the picture, the advice on the risk, the outcome, and languages that are added. Values
have the paths and the words that they have in a draft.
"""

import calendar
from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.domain.petitions.draft import PICTURE, SourceChange, shown
from chalicelib.domain.petitions.petition import Petition, PetitionText
from chalicelib.domain.petitions.source import ORGANISER, TEXTS

_SETTINGS: Final = {
    "languages": "languages",
    "opens_on": "opens_on",
    "closes_on": "closes_on",
    "handed_in_on": "handed_in_on",
    "goals": "goals",
    "discreet": "discreet",
    "pseudonyms": "pseudonyms",
    "risk_languages": "risk_languages",
    "countries": "publishes_countries",
    "amendments_offer_withdrawal": "amendments_offer_withdrawal",
    "milestones": "milestones",
}
"""Paths of settings, and the fields of a petition that hold them as they are written."""
_SIGNED_LINES: Final = ("title", "target", "lead", "summary")
_LINES: Final = {
    "risk_question": "risk_question",
    "risk": "risk",
    "picture": "picture_alt",
    "credit": "picture_credit",
    "outcome": "outcome",
}
"""Lines of a text to which nobody signs, and the fields that hold them."""


def value_changes(before: Petition, after: Petition) -> Sequence[SourceChange]:
    """The values that differ, settings first; a new language has all its lines but its body."""
    old, new = dict(_values(before, before)), dict(_values(after, before))
    return [
        SourceChange(path=path, before=old.get(path, ""), after=new.get(path, ""))
        for path in dict.fromkeys([*old, *new])
        if old.get(path, "") != new.get(path, "")
    ]


def _values(petition: Petition, before: Petition) -> Iterator[tuple[str, str]]:
    for path, name in _SETTINGS.items():
        yield path, shown(getattr(petition, name))
    times = petition.digest_times
    yield "digest_at", f"{times.at:%H:%M} {times.zone}"
    yield "digest_day", calendar.day_name[times.weekday]
    yield "approvals", shown(sorted(petition.approvals))
    yield f"{ORGANISER}.email", petition.organiser.email
    yield f"{ORGANISER}.website", petition.organiser.website
    yield f"{ORGANISER}.placeholder", shown(petition.organiser.placeholder)
    yield PICTURE, petition.picture.file_name if petition.picture else ""
    for language, text in petition.texts.items():
        yield from _lines(text, f"{TEXTS}.{language}", is_new=language not in before.texts)


def _lines(text: PetitionText, path: str, *, is_new: bool) -> Iterator[tuple[str, str]]:
    if is_new:
        for line in _SIGNED_LINES:
            yield f"{path}.{line}", getattr(text, line)
    for line, name in _LINES.items():
        yield f"{path}.{line}", getattr(text, name)
