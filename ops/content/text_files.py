"""The files that people write: read as text, or a problem that says why not."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ops.errors import Problem

MAX_FILE_BYTES: Final = 50_000
"""All languages of a petition, rendered, must fit into one DynamoDB item of 400 KB."""


@dataclass(kw_only=True)
class Problems:
    """What has been found so far, in all files of a folder."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: Path, line: int, what: str, remedy: str) -> None:
        """Note a problem. `line` counts from 1."""
        self.found.append(Problem(file=file, line=line, what=what, remedy=remedy))


def read_text(path: Path, problems: Problems) -> str | None:
    """The text of a file, its line ends made one kind. None, and a problem, if it has none."""
    try:
        if not path.is_file():
            problems.add(path, 1, "This file is missing.", _remedy_for_missing(path))
            return None
        raw = path.read_bytes()
    except OSError as error:
        problems.add(
            path, 1, f"This file cannot be read: {error.strerror}.", "See who may read it."
        )
        return None
    if len(raw) > MAX_FILE_BYTES:
        problems.add(path, 1, f"This file is larger than {MAX_FILE_BYTES:,} bytes.", "Shorten it.")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.add(path, line, "This is not UTF-8 text.", "Save the file again as UTF-8.")
        return None
    if not text.strip():
        problems.add(path, 1, "This file is empty.", "Copy it from a petition that works.")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _remedy_for_missing(path: Path) -> str:
    """Editors add .txt to a name, and file managers hide it."""
    neighbour = path.with_name(f"{path.name}.txt")
    if neighbour.is_file():
        return f"There is {neighbour.name}: rename it to {path.name}."
    return "Copy it from a petition that works."
