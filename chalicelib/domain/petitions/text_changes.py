"""What differs between two texts of a petition, by language and part, and word by word.

Its text is all that a signer agrees to: every part but the advice on the risk and the outcome, in
every language, and the name of the organiser. A language that is added is a translation, and no
change.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from chalicelib.domain import plain_text
from chalicelib.domain.petitions.petition import Petition, PetitionText

_WORD: Final = re.compile(r"\S+\s*|\s+")


class Part(StrEnum):
    """A part of a petition's text."""

    ORGANISER = "organiser"
    TITLE = "title"
    TARGET = "target"
    LEAD = "lead"
    SUMMARY = "summary"
    INTRODUCTION = "introduction"
    DEMAND = "demand"
    BACKGROUND = "background"


@dataclass(frozen=True, kw_only=True)
class TextChange:
    """A part of a text before and after, in plain text; "" where there is none.

    `language` is "" for the organiser's name, and `number` 0 but for a demand. Equal texts differ
    in their form only, such as bold type.
    """

    language: str
    part: Part
    number: int = 0
    before: str
    after: str


class Fate(StrEnum):
    """What has become of some words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words that follow each other and have one fate."""

    fate: Fate
    text: str


def text_changes(before: Petition, after: Petition) -> Sequence[TextChange]:
    """The parts that differ, in the order of `before`."""
    found = []
    if before.organiser.name != after.organiser.name:
        found.append(
            TextChange(
                language="",
                part=Part.ORGANISER,
                before=plain_text.one_line(before.organiser.name),
                after=plain_text.one_line(after.organiser.name),
            )
        )
    for language, text in before.texts.items():
        old, new = _parts(text), _parts(after.texts.get(language))
        found += [
            TextChange(
                language=language,
                part=part,
                number=number,
                before=_words(old.get((part, number))),
                after=_words(new.get((part, number))),
            )
            # A dict keeps their order, and each once.
            for part, number in {**old, **new}
            if old.get((part, number)) != new.get((part, number))
        ]
    return found


def pieces(change: TextChange) -> Sequence[Piece]:
    """The words of both texts of a change in one line, each with its fate."""
    return compared(change.before, change.after)


def compared(before: str, after: str) -> Sequence[Piece]:
    """The words of two texts in one, each with its fate."""
    return list(_compared(_WORD.findall(before), _WORD.findall(after)))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Words with the same letters are kept, whatever space follows them."""
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new])
    for same, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        added = "".join(new[new_start:new_end])
        if same == "equal":
            yield Piece(fate=Fate.KEPT, text=added)
            continue
        if old_end > old_start:
            yield Piece(fate=Fate.REMOVED, text="".join(old[old_start:old_end]))
        if added:
            yield Piece(fate=Fate.ADDED, text=added)


def _parts(text: PetitionText | None) -> Mapping[tuple[Part, int], tuple[str, str]]:
    """The parts of a text by name and number: a line, and HTML below it."""
    if text is None:
        return {}
    return {
        (Part.TITLE, 0): (text.title, ""),
        (Part.TARGET, 0): (text.target, ""),
        (Part.LEAD, 0): (text.lead, ""),
        (Part.SUMMARY, 0): (text.summary, ""),
        (Part.INTRODUCTION, 0): ("", text.introduction_html.strip()),
        **{
            (Part.DEMAND, each.number): (each.heading, f"{each.html}{each.details_html}".strip())
            for each in text.demands
        },
        (Part.BACKGROUND, 0): (text.background_heading, _background_html(text)),
    }


def _background_html(text: PetitionText) -> str:
    parts = "".join(
        f"<h3>{html.escape(part.heading)}</h3>\n{part.html}" for part in text.background_parts
    )
    return f"{text.background_html}{parts}".strip()


def _words(part: tuple[str, str] | None) -> str:
    line, below = part or ("", "")
    return f"{plain_text.one_line(line)}\n{plain_text.of_html(below)}".strip()
