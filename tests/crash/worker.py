"""A process that does what Lambda does, until it is killed: takes messages, calls the functions."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from chalicelib import wiring
from chalicelib.config import settings_from
from chalicelib.routes.events import schedules
from chalicelib.wiring import Services
from ops.local import lambda_events, workers
from ops.local.event_sources import BATCH_SIZES, QUEUE_HANDLERS
from tests import builders
from tests.crash.shared import SharedClock, Turns, pause
from tests.crash.survivor import MINUTE_QUEUE


def _every_minute(_event: object, context: object) -> None:
    schedules.every_minute(lambda_events.from_schedule("every-minute", builders.NOW), context)


_MAX_IDLE_SECONDS: Final = 1.0
LOG_FILE: Final = "workers.log"
HANDLERS: Final[Mapping[str, Callable[..., Any]]] = {MINUTE_QUEUE: _every_minute, **QUEUE_HANDLERS}


def work(folder: Path, environment: Mapping[str, str]) -> None:
    """Work until killed. `environment` leads to the AWS of the survivor."""
    os.environ.update(environment)
    with (folder / LOG_FILE).open("a") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    clock = SharedClock(folder)
    turns = Turns(folder, clock)
    services = Services(settings=settings_from(), now=clock.now, sleep=turns.sleep)
    # The user agent of every call names the process, which may die of the call.
    services._session._session.user_agent_extra = f"worker-{os.getpid()}"
    wiring.install(services)
    urls = {name: services.sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in HANDLERS}
    while True:
        rings = clock.rings()
        with turns.one_of_many():
            handled = [_handle(services, name, url) for name, url in urls.items()]
        if not any(handled):
            _wait(clock, rings)


def _wait(clock: SharedClock, rings: float) -> None:
    """Wait until the bell has rung again, and no longer than a second."""
    deadline = time.monotonic() + _MAX_IDLE_SECONDS
    while clock.rings() == rings and time.monotonic() < deadline:
        pause()


def _handle(services: Services, queue: str, url: str) -> bool:
    """Call a function with one batch of a queue; whether there was any."""
    messages = workers.received(services.sqs, url, BATCH_SIZES.get(queue, 1))
    if not messages:
        return False
    answer = workers.call(queue, HANDLERS[queue], lambda_events.from_queue(messages, queue))
    for message in messages:
        # A message that is not deleted is visible again after the timeout of its queue.
        if answer is not None and not workers.has_failed(message, answer):
            services.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return True
