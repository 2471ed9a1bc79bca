"""A draft: what organisers have written of a petition at the desk, in versions, also half done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Final

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


@dataclass(frozen=True, kw_only=True)
class EditConflict:
    """A value that two people have changed from the same version: what each wants."""

    path: str
    theirs: str
    mine: str


@dataclass(frozen=True, kw_only=True)
class _LineEdit:
    """Lines that stand for those from `start` to before `end` of an older text."""

    start: int
    end: int
    lines: tuple[str, ...]


def source_changes(before: PetitionSource, after: PetitionSource) -> Sequence[SourceChange]:
    """The values that differ, in the order of `before`."""
    old, new = shown_values(before), shown_values(after)
    return [
        SourceChange(path=path, before=old.get(path, ""), after=new.get(path, ""))
        for path in dict.fromkeys([*old, *new])
        if old.get(path, "") != new.get(path, "")
    ]


def merged(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Sequence[EditConflict]]:
    """What to change in `theirs` so that it has my changes of `base`, and where that is in doubt.

    `mine` has the values that I could change, with None for what is not there. What both have
    changed alike, or only one has changed, is in no doubt; nor are changes of different lines.
    """
    changes, conflicts = {}, []
    for path, value in mine.items():
        before, now = base.get(path), theirs.get(path)
        if value in (before, now):
            continue
        if now == before:
            changes[path] = value
        elif (both := _merged_lines(before, now, value)) is not None:
            changes[path] = both
        else:
            conflicts.append(EditConflict(path=path, theirs=shown(now), mine=shown(value)))
    return changes, conflicts


def _merged_lines(before: Any, theirs: Any, mine: Any) -> str | None:
    """One text with the changes of both; None where they meet, or for what is no text."""
    if not all(isinstance(value, str) for value in (before, theirs, mine)):
        return None
    old = before.split("\n")
    edits = {*_edits(old, theirs.split("\n")), *_edits(old, mine.split("\n"))}
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if any(edit.end >= following.start for edit, following in pairwise(ordered)):
        return None
    for edit in reversed(ordered):
        old[edit.start : edit.end] = edit.lines
    return "\n".join(old)


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[_LineEdit]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for same, start, end, new_start, new_end in matcher.get_opcodes():
        if same != "equal":
            yield _LineEdit(start=start, end=end, lines=tuple(new[new_start:new_end]))


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
