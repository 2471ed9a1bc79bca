"""Everything that AWS delivers by itself: five queues, the stream, two schedules."""

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
from ops.local.aws import MotoServer
from ops.local.state import AdjustableClock, StreamBatches
from ops.local.workers import QueueWorker, ScheduleWorker, StreamWorker, Worker

FEEDBACK_QUEUE: Final = "zaklik-feedback"
QUEUE_HANDLERS: Final = {
    "zaklik-mail": queues.send_mail,
    "zaklik-jobs": queues.run_job,
    "zaklik-changes.fifo": queues.change_records,
    "zaklik-exports.fifo": queues.run_export,
    FEEDBACK_QUEUE: ses_feedback.record_feedback,
}
BATCH_SIZES: Final = {FEEDBACK_QUEUE: 100}
"""Messages of one event; one for the other queues."""
_IDLE_CHECK_SECONDS: Final = 0.02
_MAX_STOP_SECONDS: Final = 5.0


class EventSources:
    """The workers and their threads."""

    def __init__(
        self,
        server: MotoServer,
        services: Services,
        clock: AdjustableClock,
        backlog: StreamBatches,
    ) -> None:
        self._server = server
        self._clock = clock
        self._queues = [
            QueueWorker(name, handler, services.sqs, server, batch_size=BATCH_SIZES.get(name, 1))
            for name, handler in QUEUE_HANDLERS.items()
        ]
        self._stream = StreamWorker(
            services.settings.signatures_table,
            streams.tally,
            streams=boto3.client("dynamodbstreams"),
            server=server,
            now=clock.now,
            backlog=backlog,
        )
        self._every_minute = ScheduleWorker(
            "every-minute", schedules.every_minute, clock.now, _next_minute
        )
        self._reconcile = ScheduleWorker("reconcile", schedules.reconcile, clock.now, _next_night)
        self._threads: list[threading.Thread] = []

    @property
    def _workers(self) -> list[Worker]:
        return [*self._queues, self._stream, self._every_minute, self._reconcile]

    def start(self) -> None:
        """Do what the clock has waited for since the last run, and begin to work."""
        with self._every_minute.turn:
            self._every_minute.call_now()
        self._threads = [
            threading.Thread(target=worker.run, name=worker.name, daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the calls that have begun, for a few seconds at most, and end."""
        for worker in self._workers:
            worker.stop.set()
        self._server.changes.wake()
        deadline = time.monotonic() + _MAX_STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def uncounted(self) -> StreamBatches:
        """Stream records that are not delivered yet. The caller holds the server's lock."""
        return self._stream.uncounted()

    def advance(self, step: timedelta) -> None:
        """Move the clock, and return when everything that is due by then is done."""
        with self._paused(), self._server.lock:
            self._clock.advance(step)
            moto_internals.advance_messages(step)
        # The offset is part of the state.
        self._server.changes.wake()
        with self._every_minute.turn:
            self._every_minute.call_now()
        self._wait_until_idle()

    def dead_letter_count(self) -> int:
        """Messages that were given up."""
        with self._server.lock:
            names = moto_internals.queues().keys() - QUEUE_HANDLERS.keys()
            return sum(len(moto_internals.queues()[name].messages) for name in names)

    def _wait_until_idle(self) -> None:
        """Wait until no message is due, no record waits and no worker is at work."""
        while not self._is_idle():
            time.sleep(_IDLE_CHECK_SECONDS)

    def _is_idle(self) -> bool:
        with self._paused(), self._server.lock:
            due = any(moto_internals.queues()[name].messages for name in QUEUE_HANDLERS)
            return not due and not self._stream.uncounted()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Stop every worker between two calls, but the nightly count, which reads and repairs."""
        with ExitStack() as turns:
            for worker in (*self._queues, self._stream, self._every_minute):
                turns.enter_context(worker.turn)
            yield


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _next_night(now: datetime) -> datetime:
    due = now.replace(hour=3, minute=20, second=0, microsecond=0)
    return due if due > now else due + timedelta(days=1)
