"""The process that survives: AWS with its tables, queues and mails, and faults on demand.

It reads commands as JSON lines and answers each with one. A call names its worker in the user
agent, so that the worker can be killed before or after the call.
"""

import json
import os
import random
import re
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ops.local import moto_internals, moto_patches, ses
from ops.local.aws import MotoServer, aws_environment, replace_environment
from ops.local.event_sources import FEEDBACK_QUEUE
from ops.local.outbox import Outbox
from ops.local.resources import TemplateResources, read_template
from ops.local.ses_events import Event, SesEvents, TakenMail
from tests.crash.shared import SharedClock, Turns, pause

MINUTE_QUEUE: Final = "minutes"
"""Each message on it is one call of the function of each minute."""
OUTBOX_FILE: Final = "outbox.jsonl"
_WORKER: Final = re.compile(r"worker-(\d+)")
_SENDS_MESSAGES: Final = "AmazonSQS.SendMessage"
_BULK_PATH: Final = "outbound-bulk-emails"


class Killer:
    """Kills the worker that makes the `left`-th call from now, before or after it is done."""

    def __init__(self) -> None:
        self.left = 0
        self.bulk_only = False
        self.after = True
        self.kills = 0

    def counts(self, environ: Mapping[str, Any]) -> int | None:
        """The process to be killed with this call, or None."""
        worker = _WORKER.search(environ.get("HTTP_USER_AGENT", ""))
        if not self.left or not worker or (self.bulk_only and not _is_bulk(environ)):
            return None
        self.left -= 1
        return None if self.left else int(worker[1])

    def kill(self, process: int) -> None:
        """Kill a process as the kernel does when memory is out."""
        os.kill(process, signal.SIGKILL)
        self.kills += 1


class FaultyServer(MotoServer):
    """AWS, but some callers die and some answers of SES get lost."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__(0)
        self._clock = clock
        self.killer = Killer()
        self.lost_answers = 0

    def _respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self.lock:
            victim = self.killer.counts(environ)
            if victim and not self.killer.after:
                self.killer.kill(victim)
                raise ConnectionAbortedError
            loses_answer = self.lost_answers and _is_bulk(environ)
            answer = super()._respond(environ, _no_answer if loses_answer else start_response)
            if _SENDS_MESSAGES in environ.get("HTTP_X_AMZ_TARGET", ""):
                self._clock.ring()
            if victim:
                self.killer.kill(victim)
                raise ConnectionAbortedError
            if loses_answer:
                self.lost_answers -= 1
                start_response("500 Internal Server Error", [])
                return []
            return answer


def _no_answer(*_status_and_headers: object) -> None:
    """Begin no answer."""


class FaultySes(ses.SimulatedSes):
    """SES, but it turns a share of the calls away."""

    turned_away = 0.0

    def send_bulk(self, request: Mapping[str, Any]) -> Any:
        """Take mails, or refuse the call."""
        if random.random() < self.turned_away:
            raise ses.QuotaUsed("Maximum sending rate exceeded.")
        return super().send_bulk(request)


class FaultyEvents(SesEvents):
    """SES's events, but late, in any order, some twice, and of some mails only one kind."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__(clock.now, FEEDBACK_QUEUE)
        self._clock = clock
        self._held: list[tuple[float, Event, TakenMail]] = []
        self.max_delay = self.doubled = self.lost = 0.0

    def report(self, event: Event, mail: TakenMail) -> None:
        """Hold an event back until it is due."""
        # SES promises each event; that both of one mail get lost is beyond what is tested.
        if event["eventType"] == "Send" and random.random() < self.lost:
            return
        for _ in range(2 if random.random() < self.doubled else 1):
            due = self._clock.now().timestamp() + random.uniform(0, self.max_delay)
            self._held.append((due, event, mail))

    def deliver_due(self) -> None:
        """Put on the queue what is due, in any order."""
        now = self._clock.now().timestamp()
        due = [held for held in self._held if held[0] <= now]
        self._held = [held for held in self._held if held[0] > now]
        random.shuffle(due)
        for _, event, mail in due:
            super().report(event, mail)


class Survivor:
    """Answers the commands."""

    def __init__(self, folder: Path) -> None:
        moto_patches.install()
        self._clock = SharedClock(folder)
        self._turns = Turns(folder, self._clock)
        self._outbox = Outbox(folder / OUTBOX_FILE)
        self._server = FaultyServer(self._clock)
        self._server.start()
        aws = aws_environment(self._server.url)
        replace_environment(aws)
        resources = TemplateResources(
            read_template(),
            {"PublicUrl": "https://zaklik.example", "Sender": "Desk <desk@zaklik.example>"},
        )
        resources.create()
        self._ses = FaultySes(self._outbox, self._clock.now, FEEDBACK_QUEUE)
        self._events = FaultyEvents(self._clock)
        self._ses.events = self._events
        ses.install(self._ses)
        moto_internals.add_queue(MINUTE_QUEUE)
        self.environment = {**aws, **resources.environment()}

    def advance(self, seconds: float) -> None:
        """Let time pass while no function runs, and deliver the events that are due then."""
        left = timedelta(seconds=seconds)
        while left:
            passed = self._turns.advance(left)
            left -= passed
            with self._server.lock:
                moto_internals.advance_messages(passed)
                self._events.deliver_due()
                if any(queue.messages for queue in moto_internals.queues().values()):
                    self._clock.ring()
            pause()

    def minute(self) -> None:
        """Call the function of each minute, unless the last call still waits."""
        with self._server.lock:
            queue = moto_internals.queues()[MINUTE_QUEUE]
            if not moto_internals.messages_of(queue):
                moto_internals.put_message(MINUTE_QUEUE, "")
                self._clock.ring()

    def kill(self, left: int, *, bulk_only: bool, after: bool) -> None:
        """Kill the worker that makes the `left`-th call from now."""
        killer = self._server.killer
        killer.left, killer.bulk_only, killer.after = left, bulk_only, after

    def ses(self, **values: float) -> None:
        """Set what SES grants and refuses: `enabled`, `quota`, `rate`, `turned_away`."""
        for name, value in values.items():
            setattr(self._ses, name, value)

    def events(self, **values: float) -> None:
        """Set how late, doubled and lost events are."""
        for name, value in values.items():
            setattr(self._events, name, value)

    def lose_answers(self, count: int) -> None:
        """Lose the answers to the next calls of SES."""
        self._server.lost_answers = count

    def state(self) -> Mapping[str, Any]:
        """How many mails were taken, how many workers killed, what waits on which queue."""
        with self._server.lock:
            return {
                "mails": len(self._outbox),
                "kills": self._server.killer.kills,
                "armed": self._server.killer.left > 0,
                "waiting": {
                    name: len(moto_internals.messages_of(queue))
                    for name, queue in moto_internals.queues().items()
                },
            }

    def save(self) -> None:
        """Write the outbox into its file."""
        self._outbox.save(len(self._outbox))


def _is_bulk(environ: Mapping[str, Any]) -> bool:
    return str(environ["PATH_INFO"]).endswith(_BULK_PATH)


def main(folder: Path) -> None:
    """Serve until the input ends."""
    survivor = Survivor(folder)
    _answer(survivor.environment)
    for line in sys.stdin:
        command = json.loads(line)
        act: Callable[..., Any] = getattr(survivor, command.pop("do"))
        _answer(act(**command))


def _answer(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    random.seed(sys.argv[2])
    main(Path(sys.argv[1]))
