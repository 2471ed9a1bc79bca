"""What the processes of a send share: a clock that can be moved, and turns."""

import fcntl
import mmap
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

_OFFSET: Final = struct.Struct("d")
_SLEEPERS_STEP: Final = timedelta(seconds=1)


class SharedClock:
    """Real time plus an offset of seconds, which all processes read from one file."""

    def __init__(self, folder: Path) -> None:
        path = folder / "clock"
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _OFFSET.size)

    def now(self) -> datetime:
        """This moment, aware UTC."""
        (offset,) = _OFFSET.unpack(self._memory)
        return datetime.now(UTC) + timedelta(seconds=offset)

    def advance(self, step: timedelta) -> None:
        """Move the clock forward."""
        (offset,) = _OFFSET.unpack(self._memory)
        self._memory[:] = _OFFSET.pack(offset + step.total_seconds())


class Turns:
    """Lets the clock jump only while no function runs: on AWS none outlives its timeout.

    A function that sleeps lets it move on, in steps of a second. A killed process gives back what
    it holds.
    """

    def __init__(self, folder: Path, clock: SharedClock) -> None:
        self._clock = clock
        # Who wants to enter the room goes through the door, so that nobody waits for ever.
        self._door, self._room, self._beds = (
            (folder / name).open("w") for name in ("door", "room", "beds")
        )

    @contextmanager
    def one_of_many(self) -> Iterator[None]:
        """Hold a turn beside other functions."""
        self._enter()
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)

    def sleep(self, seconds: float) -> None:
        """Wait until the clock has moved on. The caller holds a turn."""
        until = self._clock.now() + timedelta(seconds=seconds)
        with _locked(self._beds, fcntl.LOCK_SH):
            fcntl.flock(self._room, fcntl.LOCK_UN)
            while self._clock.now() < until:
                pause()
            self._enter()

    def advance(self, step: timedelta) -> timedelta:
        """Wait until no function runs, and move the clock by `step` or less; by how much."""
        with _locked(self._door, fcntl.LOCK_EX), _locked(self._room, fcntl.LOCK_EX):
            try:
                fcntl.flock(self._beds, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                step = min(step, _SLEEPERS_STEP)
            else:
                fcntl.flock(self._beds, fcntl.LOCK_UN)
            self._clock.advance(step)
        return step

    def _enter(self) -> None:
        with _locked(self._door, fcntl.LOCK_EX):
            fcntl.flock(self._room, fcntl.LOCK_SH)


@contextmanager
def _locked(file: IO[str], kind: int) -> Iterator[None]:
    fcntl.flock(file, kind)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def pause() -> None:
    """Leave the processor to others for a moment."""
    time.sleep(0.005)
