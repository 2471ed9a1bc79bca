"""Writes a file as a whole or not at all.

click's `open_file(atomic=True)` puts a half-written file in place when the block raises, and
leaves it readable by everybody.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ops.errors import CannotContinue


@contextmanager
def atomic_write(path: Path, mode: str = "wb", **options: Any) -> Iterator[IO[Any]]:
    """Open a temporary file that only its owner can read, and rename it to `path` at the end.

    If the block raises, the temporary file is deleted and `path` stays. Takes the options of
    `open`. Raises OSError.
    """
    # mkstemp makes the file with mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def refuse_existing(
    path: Path, *, force: bool, remedy: str = "Name another file, or add --force."
) -> None:
    """Raise CannotContinue if `path` exists, unless `force`, or if it cannot be a file."""
    if path.is_dir():
        raise CannotContinue(f"{path} is a folder. Name a file.")
    if not path.parent.is_dir():
        raise CannotContinue(f"There is no folder {path.parent}. Make it first.")
    if path.exists() and not force:
        raise CannotContinue(f"{path} is there already. {remedy}")
