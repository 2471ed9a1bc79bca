"""The files that people write: read as text, or refused with the reason."""

from pathlib import Path

from chalicelib.rendering import source_files
from chalicelib.rendering.source_files import UnreadableFile
from ops.errors import NotReady, Problem


def read_text(path: Path) -> str:
    """The text of a file, its line ends made one kind. Raises NotReady with one problem."""
    try:
        if not path.is_file():
            raise unreadable(path, 1, "This file is missing.", _remedy_for_missing(path))
        raw = path.read_bytes()
    except OSError as error:
        what = f"This file cannot be read: {error.strerror}."
        raise unreadable(path, 1, what, "See who may read it.") from error
    try:
        return source_files.decoded(raw)
    except UnreadableFile as error:
        raise not_ready(path, error) from error


def not_ready(path: Path, error: UnreadableFile) -> NotReady:
    """Why the file at `path` cannot be read."""
    return unreadable(path, error.line, error.what, error.remedy)


def unreadable(path: Path, line: int, what: str, remedy: str) -> NotReady:
    """The one reason why a file, or a folder, cannot be read."""
    return NotReady([Problem(file=path, line=line, what=what, remedy=remedy)])


def _remedy_for_missing(path: Path) -> str:
    """Editors add .txt to a name, and file managers hide it."""
    neighbour = path.with_name(f"{path.name}.txt")
    if neighbour.is_file():
        return f"There is {neighbour.name}: rename it to {path.name}."
    return "Copy it from a petition that works."
