"""Keeps everything moving that AWS moves by itself: three queues, the stream, two schedules."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Final

import boto3

from chalicelib.routes.events import queues, schedules, ses_feedback, streams
from chalicelib.wiring import Services
from ops.local import moto_internals
from ops.local.aws import Engine
from ops.local.clock import Clock
from ops.local.snapshots import Batches
from ops.local.workers import QueueWorker, ScheduleWorker, StreamWorker, Worker

FEEDBACK: Final = "zaklik-feedback"
QUEUES: Final = {
    "zaklik-mail": queues.send_mail,
    "zaklik-jobs": queues.run_job,
    FEEDBACK: ses_feedback.record_feedback,
}
_SETTLING_PAUSE_SECONDS: Final = 0.02


class Pump:
    """The workers and their threads."""

    def __init__(self, engine: Engine, services: Services, clock: Clock, backlog: Batches) -> None:
        self._engine = engine
        self._clock = clock
        self._queues = [
            QueueWorker(name, handler, services.sqs, engine) for name, handler in QUEUES.items()
        ]
        self._stream = StreamWorker(
            services.settings.signatures_table,
            streams.tally,
            streams=boto3.client("dynamodbstreams"),
            engine=engine,
            clock=clock,
            backlog=backlog,
        )
        self._tick = ScheduleWorker("tick", schedules.every_minute, clock, _next_minute)
        self._reconcile = ScheduleWorker("reconcile", schedules.reconcile, clock, _next_night)
        self._threads: list[threading.Thread] = []

    @property
    def _workers(self) -> list[Worker]:
        return [*self._queues, self._stream, self._tick, self._reconcile]

    def start(self) -> None:
        """Begin to work."""
        self._threads = [
            threading.Thread(target=worker.run, name=worker.name, daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is in hand, for a few seconds at most, and end."""
        for worker in self._workers:
            worker.stop.set()
        self._engine.changes.wake()
        patience_ends = time.monotonic() + 5.0
        for thread in self._threads:
            thread.join(timeout=max(0.0, patience_ends - time.monotonic()))

    def uncounted(self) -> Batches:
        """Stream records that are not handed over yet. The caller holds the engine's lock."""
        return self._stream.uncounted()

    def advance(self, step: timedelta) -> None:
        """Move the clock, and return when all that falls due by then is done."""
        with self._paused(), self._engine.lock:
            self._clock.advance(step)
            moto_internals.hasten_messages(step)
        # The offset is part of the state.
        self._engine.changes.wake()
        with self._tick.turn:
            self._tick.call_now()
        self.settle()

    def settle(self) -> None:
        """Return when no message is due, no record waits and nobody has anything in hand."""
        while not self._is_settled():
            time.sleep(_SETTLING_PAUSE_SECONDS)

    def dead_letter_count(self) -> int:
        """Messages that were given up."""
        with self._engine.lock:
            names = moto_internals.queues().keys() - QUEUES.keys()
            return sum(len(moto_internals.queues()[name].messages) for name in names)

    def _is_settled(self) -> bool:
        with self._paused(), self._engine.lock:
            due = any(moto_internals.queues()[name].messages for name in QUEUES)
            return not due and not self._stream.uncounted()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Nobody has anything in hand. The nightly count is let run: it only reads and repairs."""
        with ExitStack() as turns:
            for worker in (*self._queues, self._stream, self._tick):
                turns.enter_context(worker.turn)
            yield


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _next_night(now: datetime) -> datetime:
    due = now.replace(hour=3, minute=20, second=0, microsecond=0)
    return due if due > now else due + timedelta(days=1)
