"""Finds the words of the example petition that a copy of it still has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PETITIONS: Final = Path(__file__).parents[2] / "petitions"
EXAMPLE: Final = _PETITIONS / "belarus-mothers"
_GUIDE: Final = _PETITIONS / "README.md"
"""It shows what a text looks like, to be copied."""
_SHORTEST: Final = 25
"""Characters: shorter lines, such as headings, are alike by chance."""


@dataclass(frozen=True, kw_only=True)
class ExampleLines:
    """The lines of a text that are still the example's: the first one, and how many there are."""

    file: Path
    first: int
    count: int


def find(path: Path) -> Sequence[ExampleLines]:
    """What the texts in the folder `path`, and those of its updates, still have of the example.

    None in the example itself, nor where the example was not installed.
    """
    if path.resolve() == EXAMPLE:
        return []
    known = {line for file in (_GUIDE, *_texts(EXAMPLE)) for _, line in _lines(file)}
    found = []
    for file in _texts(path):
        places = [number for number, line in _lines(file) if line in known]
        if places:
            found.append(ExampleLines(file=file, first=places[0], count=len(places)))
    return found


def _texts(folder: Path) -> Sequence[Path]:
    return [*sorted(folder.glob("*.md")), *sorted(folder.glob("updates/*/*.md"))]


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The numbers and words of the lines that say something; none of a file that is not there."""
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), start=1):
        if len(line.strip()) >= _SHORTEST:
            yield number, line.strip()
