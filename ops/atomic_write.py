"""Writes a file as a whole or not at all: beside its place first, then into it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ops.errors import CannotContinue


@contextmanager
def replacing(path: Path, mode: str = "wb", **opening: Any) -> Iterator[IO[Any]]:
    """Open a file that only its owner can read and that takes the name `path` at the end.

    If the block raises, nothing is left behind and what was at `path` stays. Takes what `open`
    takes. Raises OSError.
    """
    # mkstemp makes the file with mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, mode, **opening) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def refuse_existing(
    path: Path, *, force: bool, remedy: str = "Name another file, or add --force."
) -> None:
    """Raise CannotContinue, with `remedy`, if there is something at `path`, unless `force`."""
    if path.is_dir():
        raise CannotContinue(f"{path} is a folder. Name a file.")
    if not path.parent.is_dir():
        raise CannotContinue(f"There is no folder {path.parent}. Make it first.")
    if path.exists() and not force:
        raise CannotContinue(f"{path} is there already. {remedy}")
