"""Everything that outlives the process: a folder with one snapshot of all of AWS.

A snapshot is taken between two requests, so tables, queues, stream and outbox in it belong
together.
"""

import fcntl
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from ops.atomic_write import atomic_write
from ops.errors import CannotContinue
from ops.local import moto_internals
from ops.local.aws import MotoServer
from ops.local.outbox import Outbox

DETAILS_FILE: Final = "local.json"
SNAPSHOT_FILE: Final = "state.json"
FORMAT: Final = "zaklik-local/2"

_MIN_PAUSE_SECONDS: Final = 0.5
_PAUSE_FOR_EACH_SECOND_OF_WORK: Final = 4.0
"""A large state takes long to write; that must not slow the service to a crawl."""

StreamBatches = Sequence[dict[str, Any]]
"""Stream records that are not counted yet, with the shard that they came by."""


class FolderInUse(Exception):
    """Another process works with this folder."""


class StateFolder:
    """A folder that only its owner can read, locked while this object is open."""

    def __init__(self, path: Path) -> None:
        """Make the folder if need be and lock it. Raises FolderInUse, OSError."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path.resolve()
        self._lock = (self.path / "lock").open("w")
        try:
            # The lock goes with the process, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise FolderInUse from error
        # Keys and addresses are kept in it: git must not pick them up, wherever the folder is.
        gitignore = self.path / ".gitignore"
        if not gitignore.exists():
            gitignore.write_text("*\n", "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._lock.close()

    def details(self) -> Mapping[str, Any]:
        """What the last run has noted about itself, or nothing."""
        try:
            details: dict[str, Any] = json.loads((self.path / DETAILS_FILE).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return details

    def write_details(self, details: Mapping[str, Any]) -> None:
        """Note where this run can be reached: what `zaklik --local` reads."""
        _write(self.path / DETAILS_FILE, json.dumps(details, indent=2) + "\n")


class AdjustableClock:
    """Real time plus an offset that only grows, so that nobody waits a week for an expiry."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> None:
        """Move the clock forward."""
        self.offset += step


class Snapshots:
    """Saves and restores the state of moto, the outbox and the clock."""

    def __init__(
        self, folder: Path, server: MotoServer, outbox: Outbox, clock: AdjustableClock
    ) -> None:
        self._path = folder / SNAPSHOT_FILE
        self._server = server
        self._outbox = outbox
        self._clock = clock
        self._stop = threading.Event()

    def restore(self) -> StreamBatches:
        """Fill tables, queues and buckets, which exist and are empty, and Parameter Store.

        Returns the stream records that were not counted then. Raises CannotContinue.
        """
        if not self._path.exists():
            self._outbox.restore(0)
            return []
        try:
            state = json.loads(self._path.read_text("utf-8"))
            known = state["format"] == FORMAT
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise CannotContinue(
                f"{self._path} is not a state that this version can read. "
                "Move it away to start afresh."
            )
        with self._server.lock:
            moto_internals.load(state)
        self._outbox.restore(state["mails"])
        self._clock.offset = timedelta(seconds=state["clock_offset_seconds"])
        batches: StreamBatches = state["uncounted"]
        return batches

    def save(self, uncounted: Callable[[], StreamBatches]) -> None:
        """Write a snapshot. `uncounted` is called while the server is locked."""
        with self._server.lock:
            mails = len(self._outbox)
            state = {
                "format": FORMAT,
                "clock_offset_seconds": self._clock.offset.total_seconds(),
                "mails": mails,
                **moto_internals.dump(),
                "uncounted": uncounted(),
            }
            # moto's items are changed in place, so the text is made before they can change.
            text = json.dumps(state, default=moto_internals.plain, separators=(",", ":"))
        self._outbox.save(mails)
        _write(self._path, text)

    def stop(self) -> None:
        """End `keep_saving`."""
        self._stop.set()
        self._server.changes.wake()

    def keep_saving(self, uncounted: Callable[[], StreamBatches]) -> None:
        """Write a snapshot soon after each change, until `stop` is called."""
        saved = -1
        while not self._stop.is_set():
            changes = self._server.changes.count()
            if changes != saved:
                started = time.monotonic()
                self.save(uncounted)
                saved = changes
                pause = (time.monotonic() - started) * _PAUSE_FOR_EACH_SECOND_OF_WORK
                self._stop.wait(max(_MIN_PAUSE_SECONDS, pause))
            else:
                self._server.changes.wait(saved, seconds=1.0)


def _write(path: Path, text: str) -> None:
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(text)
