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


def show(changes: Sequence[TextChange]) -> None:
    """Print each change under its language and part, with marks that need no colour."""
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


def _title(change: TextChange) -> str:
    number = f" {change.number}" if change.number else ""
    part = _NAMES.get(change.part, change.part)
    return f"{change.language}: {part}{number}" if change.language else part


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
