"""The files that people write: read as text, or refused with the reason."""

from pathlib import Path
from typing import Final

from ops.errors import NotReady, Problem

MAX_FILE_BYTES: Final = 50_000
"""All languages of a petition, rendered, must fit into one DynamoDB item of 400 KB."""


def read_text(path: Path) -> str:
    """The text of a file, its line ends made one kind. Raises NotReady with one problem."""
    try:
        if not path.is_file():
            raise unreadable(path, 1, "This file is missing.", _remedy_for_missing(path))
        raw = path.read_bytes()
    except OSError as error:
        what = f"This file cannot be read: {error.strerror}."
        raise unreadable(path, 1, what, "See who may read it.") from error
    if len(raw) > MAX_FILE_BYTES:
        what = f"This file is larger than {MAX_FILE_BYTES:,} bytes."
        raise unreadable(path, 1, what, "Shorten it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = "This is not UTF-8 text."
        raise unreadable(path, line, what, "Save the file again as UTF-8.") from error
    if not text.strip():
        raise unreadable(path, 1, "This file is empty.", "Copy it from a petition that works.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unreadable(path: Path, line: int, what: str, remedy: str) -> NotReady:
    """The one reason why a file, or a folder, cannot be read."""
    return NotReady([Problem(file=path, line=line, what=what, remedy=remedy)])


def _remedy_for_missing(path: Path) -> str:
    """Editors add .txt to a name, and file managers hide it."""
    neighbour = path.with_name(f"{path.name}.txt")
    if neighbour.is_file():
        return f"There is {neighbour.name}: rename it to {path.name}."
    return "Copy it from a petition that works."
