"""The state folder: everything that outlives the process, for one process at a time."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DETAILS: Final = "local.json"


class InUse(Exception):
    """Another process works with this folder."""


class StateFolder:
    """A folder that only its owner can read, locked while this object lives."""

    def __init__(self, path: Path) -> None:
        """Make the folder if need be and lock it. Raises InUse, OSError."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path.resolve()
        self._lock = (self.path / "lock").open("w")
        try:
            # The lock goes with the process, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise InUse from error
        # Keys and addresses lie here: git must not pick them up, wherever the folder is.
        ignored = self.path / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", "utf-8")

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def details(self) -> Mapping[str, Any]:
        """What the last run has noted about itself, or nothing."""
        try:
            details: dict[str, Any] = json.loads((self.path / DETAILS).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return details

    def write_details(self, details: Mapping[str, Any]) -> None:
        """Note where this run can be reached: what `zaklik --local` reads."""
        write_whole(self.path / DETAILS, json.dumps(details, indent=2) + "\n")


def owner_only(path: str, flags: int) -> int:
    """An opener for `open`: the file is its owner's alone, also if it was there before."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def write_whole(path: Path, text: str) -> None:
    """Write a file, readable by its owner alone, so that a crash leaves the old or the new one."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The new name itself must be on the disk as well.
        os.fsync(folder)
    finally:
        os.close(folder)
