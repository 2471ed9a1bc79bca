"""A draft: what organisers have written of a petition at the desk, in versions, also half done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions import petition_rules
from chalicelib.domain.petitions.source import PetitionSource, values_of

PICTURE: Final = "picture"


@dataclass(frozen=True, kw_only=True)
class DraftVersion:
    """One save: its number from 1 on, when, by whom, and the paths of the values that it changed.

    `note` says what a person did if not typing, such as restoring an older version.
    """

    number: int
    saved_at: datetime
    saved_by: Actor
    changed: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A version and all that is written in it."""

    version: DraftVersion
    source: PetitionSource


@dataclass(frozen=True, kw_only=True)
class SourceChange:
    """A value before and after, as people read it; "" where there is none."""

    path: str
    before: str
    after: str


def source_changes(before: PetitionSource, after: PetitionSource) -> Sequence[SourceChange]:
    """The values that differ, in the order of `before`."""
    old, new = shown_values(before), shown_values(after)
    return [
        SourceChange(path=path, before=old.get(path, ""), after=new.get(path, ""))
        for path in dict.fromkeys([*old, *new])
        if old.get(path, "") != new.get(path, "")
    ]


def first_title(source: PetitionSource) -> str:
    """The title in the first language that has one; "" if none has."""
    languages = [*petition_rules.named_languages(source.settings), *source.texts]
    texts = [source.texts.get(language) for language in languages]
    return next((text.lines["title"] for text in texts if text and text.lines.get("title")), "")


def shown_values(source: PetitionSource) -> dict[str, str]:
    """Every value by its path, as people read it."""
    values = {path: shown(value) for path, value in values_of(source).items()}
    if source.picture is not None:
        values[PICTURE] = source.picture.file_name
    return values


def shown(value: object) -> str:
    """A value as a field of a form shows it, and as it is typed there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)
