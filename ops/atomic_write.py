"""Writes a file as a whole or not at all.

click's `open_file(atomic=True)` puts a half-written file in place when the block raises, and
leaves it readable by everybody.
"""

import errno
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from ops.errors import CannotContinue

UNFINISHED: Final = ".unfinished"
"""How the name of a temporary file ends."""
_DESCRIPTORS: Final = Path("/proc/self/fd")
_NO_UNNAMED_FILES: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})
"""How a file system or a kernel refuses O_TMPFILE (open(2))."""


@contextmanager
def atomic_write(path: Path, mode: str = "wb", **options: Any) -> Iterator[IO[Any]]:
    """Open a file without a name that only its owner can read, and name it `path` at the end.

    If the block raises, nothing of the file stays, and `path` is as before. If the process is
    killed, the system deletes the file. Two kinds of file have a name before, and stay as
    `path.<random>.unfinished` until `path` is next written: those of systems that have no files
    without a name (all but Linux), all the time; and those that replace another, between two calls
    of the system, because a link replaces nothing. Takes the options of `open`. Raises OSError.
    """
    for stale in path.parent.glob(f"{glob.escape(path.name)}.*{UNFINISHED}"):
        if stale.is_dir():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)
    temporary = _temporary(path)
    try:
        with os.fdopen(_create(temporary), mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not os.fstat(file.fileno()).st_nlink:
                if _has_given_name(file.fileno(), path):
                    return
                _give_name(file.fileno(), temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def unfinished_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` for its parts, which only its owner can read, until the block ends.

    If the process is killed, it stays until `path` is next written. Raises OSError.
    """
    folder = _temporary(path)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")


def _create(temporary: Path) -> int:
    """The descriptor of a new file: without a name if the system can, else under this name."""
    if hasattr(os, "O_TMPFILE") and _DESCRIPTORS.is_dir():
        try:
            return os.open(temporary.parent, os.O_TMPFILE | os.O_RDWR, 0o600)
        except OSError as error:
            if error.errno not in _NO_UNNAMED_FILES:
                raise
    return os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)


def _has_given_name(descriptor: int, path: Path) -> bool:
    """Link an open file without a name to `path`, unless there is such a file already."""
    try:
        _give_name(descriptor, path)
    except FileExistsError:
        return False
    return True


def _give_name(descriptor: int, path: Path) -> None:
    """Link an open file without a name to `path` (open(2), O_TMPFILE)."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Python follows the link to the file only where a folder's descriptor is given.
        os.link(_DESCRIPTORS / str(descriptor), path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


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
