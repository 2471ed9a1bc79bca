"""Prints what changes in the text of a petition, before and after, for a person to read."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from chalicelib.domain.petitions.text_changes import Fate, Part, Piece, TextChange, pieces
from ops.terminal import console

_AROUND: Final = 40
"""Characters of unchanged text that are shown beside a change."""
_NAMES: Final = {Part.ORGANISER: "the organiser's name"}
_SIDES: Final = (
    ("before", Fate.REMOVED, "[-", "-]", "red"),
    ("after", Fate.ADDED, "{+", "+}", "green"),
)


def show(changes: Sequence[TextChange], languages: Sequence[str]) -> None:
    """Print each change under its language and part, with marks that need no colour.

    Below them stands what changes in one of `languages` but not in another: a translation may have
    been forgotten.
    """
    printer = Console(highlight=False, soft_wrap=True)
    for change in changes:
        console.say(_title(change))
        if change.before == change.after:
            console.say("  The words stay; their form changes: bold type, lists or the like.")
            continue
        compared = pieces(change)
        for name, fate, opening, closing, colour in _SIDES:
            line = Text(f"  {name}: ")
            line.append_text(_side(compared, fate, opening, closing, colour))
            printer.print(line)

    translated = [change for change in changes if change.language]
    for language in languages:
        changed = {_part(change) for change in translated if change.language == language}
        # A dict keeps their order, and each once.
        unchanged = [part for part in dict.fromkeys(map(_part, translated)) if part not in changed]
        if unchanged:
            console.say(f"{language}: unchanged: {', '.join(unchanged)}")


def _title(change: TextChange) -> str:
    return f"{change.language}: {_part(change)}" if change.language else _part(change)


def _part(change: TextChange) -> str:
    number = f" {change.number}" if change.number else ""
    return f"{_NAMES.get(change.part, change.part)}{number}"


def _side(compared: Sequence[Piece], fate: Fate, opening: str, closing: str, colour: str) -> Text:
    line = Text()
    for place, piece in enumerate(compared):
        words = " ".join(piece.text.split())
        if piece.fate is fate:
            line.append(f"{opening}{words}{closing} ", style=colour)
        elif piece.fate is Fate.KEPT:
            line.append(f"{_shortened(words, place, len(compared))} ")
    line.rstrip()
    return line or Text("nothing")


def _shortened(words: str, place: int, count: int) -> str:
    """Unchanged words, of which those far from a change are left out."""
    head = words[:_AROUND] if place else ""
    tail = words[-_AROUND:] if place < count - 1 else ""
    return words if len(words) <= len(head) + len(tail) else f"{head}…{tail}"
