"""Key files on the disk: written whole, for their owner alone, and never over an unseen change."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.atomic_write import atomic_write
from ops.errors import CannotContinue


class ChangedMeanwhile(CannotContinue):
    """The file is no longer the one that was read."""


def create(path: Path, text: str) -> None:
    """Write a new file with mode 0600. Raises ChangedMeanwhile if there is one, OSError."""
    replace(path, text, old=None)


def replace(path: Path, text: str, *, old: str | None) -> None:
    """Replace a file that still holds `old` (None: that does not exist), with mode 0600.

    A killed process leaves the old file whole. Of two processes, the second sees the change of the
    first. Raises ChangedMeanwhile, OSError.
    """
    with _locked(path.parent):
        if _read(path) != old:
            raise ChangedMeanwhile(
                f"{path} was written by somebody else at this moment, and is left as it is. "
                "Look at it, then type the command again."
            )
        with atomic_write(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other commands out of a folder; at the end, its files are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems have neither locks nor synchronised folders.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
