"""Markdown files that people write: lines about the text between `---`, then the text."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chalicelib.rendering import markdown
from ops.content.text_files import Problems, read_text

FENCE: Final = "---"
_ALLOWED_FORMAT_CHARACTERS: Final = "\u200c\u200d\u00ad"
"""Joiners that some scripts need, and the soft hyphen."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text in one language: the lines between `---`, and the Markdown after them.

    `body_line` is the line of the file on which `body` begins, from 1.
    """

    path: Path
    values: Mapping[str, str]
    body: str
    body_line: int

    def note_faults(self, problems: Problems) -> None:
        """Note what must not be published of the Markdown."""
        for fault in markdown.errors(self.body):
            problems.add(self.path, self.body_line + fault.line, fault.what, fault.remedy)


def read_document(
    path: Path, limits: Mapping[str, int], problems: Problems, *, optional: Collection[str] = ()
) -> Document | None:
    """Read a text whose first lines give the values named in `limits` (name: most characters).

    Those named in `optional`, too, may be left out; they are empty then.

    None, and a problem, if the file cannot be read or its first lines are not closed.
    """
    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        problems.add(
            path,
            1,
            "The text must begin with lines about it, between two lines of three hyphens.",
            f"Begin with: {FENCE}, then {', '.join(f'{name}: …' for name in limits)}, then {FENCE}",
        )
        return None
    end = fences[1]
    return Document(
        path=path,
        values={
            **dict.fromkeys(limits, ""),
            **dict(_front_matter(path, lines[1:end], limits, problems, optional)),
        },
        body="\n".join(lines[end + 1 :]),
        body_line=end + 2,
    )


def _front_matter(
    path: Path,
    lines: Sequence[str],
    limits: Mapping[str, int],
    problems: Problems,
    optional: Collection[str],
) -> Iterator[tuple[str, str]]:
    seen = set()
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or name not in limits:
            problems.add(
                path, number, f"“{name}” is not known here.", f"Known: {', '.join(limits)}."
            )
            continue
        if name in seen:
            problems.add(path, number, f"“{name}” stands here twice.", "Delete one of the two.")
        seen.add(name)
        if fault := _line_fault(value, limits[name]):
            problems.add(path, number, f"“{name}” {fault[0]}", fault[1])
        yield name, value
    for name in limits:
        if name not in seen and name not in optional:
            problems.add(path, 1, f"“{name}” is missing.", f"Add a line: {name}: …")


def _line_fault(value: str, limit: int) -> tuple[str, str] | None:
    if not value:
        return "is empty.", "Write its words after the colon."
    if len(value) > limit:
        return f"has {len(value)} characters; at most {limit} fit.", "Shorten it."
    for character in value:
        hidden = unicodedata.category(character).startswith("C")
        if hidden and character not in _ALLOWED_FORMAT_CHARACTERS:
            return (
                f"holds an invisible character (U+{ord(character):04X}).",
                "Type the line again instead of pasting it.",
            )
    return None
