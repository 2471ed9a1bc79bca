"""What survives the process: one file of JSON with all that AWS would have kept.

It is taken between two requests, so tables, queues, stream and outbox in it belong together.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ops.errors import CannotContinue
from ops.local import moto_internals
from ops.local.aws import Engine
from ops.local.clock import Clock
from ops.local.outbox import Outbox
from ops.local.state import write_whole

FORMAT: Final = "zaklik-local/1"
FILE: Final = "state.json"
SHORTEST_PAUSE_SECONDS: Final = 0.5
_PAUSE_FOR_EACH_SECOND_OF_WORK: Final = 4.0
"""A large state takes long to write; that must not slow the service to a crawl."""

Batches = Sequence[dict[str, Any]]
"""Stream records that are not counted yet, with the shard that they came by."""


class Snapshots:
    """Saves and restores the state of `engine`, `outbox` and `clock`."""

    def __init__(self, folder: Path, engine: Engine, outbox: Outbox, clock: Clock) -> None:
        self._path = folder / FILE
        self._engine = engine
        self._outbox = outbox
        self._clock = clock
        self._stop = threading.Event()

    def restore(self) -> Batches:
        """Fill the tables, queues and buckets, which exist and are empty, from the last snapshot.

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
        with self._engine.lock:
            self._put_back(state)
        self._outbox.restore(state["mails"])
        self._clock.offset = timedelta(seconds=state["clock_offset_seconds"])
        batches: Batches = state["uncounted"]
        return batches

    def save(self, uncounted: Callable[[], Batches]) -> None:
        """Write a snapshot. `uncounted` is called while nothing else happens."""
        with self._engine.lock:
            mails = len(self._outbox)
            state = {
                "format": FORMAT,
                "clock_offset_seconds": self._clock.offset.total_seconds(),
                "mails": mails,
                "tables": {
                    name: moto_internals.items_of(table)
                    for name, table in moto_internals.tables().items()
                },
                "queues": {
                    name: moto_internals.messages_of(queue)
                    for name, queue in moto_internals.queues().items()
                },
                "buckets": {
                    name: moto_internals.objects_of(name) for name in moto_internals.buckets()
                },
                "uncounted": uncounted(),
            }
            # moto's items are changed in place, so the text is made before they can change.
            text = json.dumps(state, default=moto_internals.plain, separators=(",", ":"))
        self._outbox.save(mails)
        write_whole(self._path, text)

    def stop(self) -> None:
        """End `keep_saving`."""
        self._stop.set()
        self._engine.changes.wake()

    def keep_saving(self, uncounted: Callable[[], Batches]) -> None:
        """Write a snapshot soon after each change, until `stop` is called."""
        saved = -1
        while not self._stop.is_set():
            changes = self._engine.changes.count()
            if changes != saved:
                started = time.monotonic()
                self.save(uncounted)
                saved = changes
                pause = (time.monotonic() - started) * _PAUSE_FOR_EACH_SECOND_OF_WORK
                self._stop.wait(max(SHORTEST_PAUSE_SECONDS, pause))
            else:
                self._engine.changes.wait(saved, seconds=1.0)

    def _put_back(self, state: dict[str, Any]) -> None:
        for name, table in moto_internals.tables().items():
            moto_internals.put_items(table, state["tables"].get(name, []))
        for name, queue in moto_internals.queues().items():
            moto_internals.put_messages(queue, state["queues"].get(name, []))
        for name in moto_internals.buckets():
            moto_internals.put_objects(name, state["buckets"].get(name, {}))
