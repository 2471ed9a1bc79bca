"""Sends an alert by processes that are killed on the way."""

import json
import multiprocessing
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from bench.instruments import many_subscribers
from chalicelib.config import settings_from
from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.mailboxes import email_address
from chalicelib.people import blind_indexes
from chalicelib.store import subscribers
from chalicelib.store.alerts import alerts
from chalicelib.usecases import pacing
from chalicelib.usecases.alerts import controlling, starting
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops.secrets.inventory import store_missing
from tests import builders
from tests.crash import worker
from tests.crash.shared import SharedClock, pause
from tests.crash.survivor import OUTBOX_FILE

LANGUAGES: Final = ("en", "be", "ru")
_TICK: Final = timedelta(seconds=5)
_MINUTE: Final = timedelta(minutes=1)
_FIVE_MINUTES: Final = timedelta(minutes=5)
_HOUR: Final = timedelta(hours=1)
_MAX_SIMULATED: Final = timedelta(hours=24)
_FORK: Final = multiprocessing.get_context("fork")


class NotFinished(Exception):
    """The alert has not come to its end within a day of simulated time."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How large the send is, and what disturbs it. `seed` decides what is left to chance."""

    recipients: int
    leaving: int
    kills: int
    workers: int
    seed: int
    rate: float = 1000
    """Mails a second that SES grants."""
    max_delay: float = 120
    """Seconds by which events are late at most."""
    doubled: float = 0.05
    lost: float = 0.02
    """Shares of the events that come twice, and of send events that never come."""


@dataclass
class Disturbance:
    """Something that happens when this share of the mails is sent."""

    at: float
    name: str
    act: Callable[[], None]


@dataclass
class CrashSend:
    """One alert, the process that stands for AWS, and the workers."""

    folder: Path
    plan: Plan
    progress: Callable[[str], None] = lambda line: None
    """Gets a line for each disturbance."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.plan.seed)
        self._clock = SharedClock(self.folder)
        self._clock.advance(builders.NOW - self._clock.now())
        self._survivor = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.survivor", str(self.folder), str(self.plan.seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._environment: Mapping[str, str] = self._answer()
        os.environ.update(self._environment)
        self._services = Services(settings=settings_from(), now=self._clock.now)
        self._left: dict[str, datetime] = {}
        self._workers: list[Any] = []
        self._started_workers = 0
        self._next_minute = self._began = self._clock.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in self._workers:
            process.kill()
            process.join()
        if self._survivor.stdin:
            self._survivor.stdin.close()
        self._survivor.wait()

    @property
    def outbox_file(self) -> Path:
        """The mails, for the audit."""
        return self.folder / OUTBOX_FILE

    @property
    def recipients_file(self) -> Path:
        """The recipients, for the audit."""
        return self.folder / "recipients.jsonl"

    @property
    def simulated(self) -> timedelta:
        """How much time has passed for the service."""
        return timedelta(seconds=round((self._clock.now() - self._began).total_seconds()))

    def run(self) -> None:
        """Subscribe everybody, start the alert, disturb it, see its end. Raises NotFinished."""
        self._prepare()
        self._tell("events", max_delay=self.plan.max_delay, doubled=self.plan.doubled)
        self._tell("events", lost=self.plan.lost)
        alert_id = starting.start_update(self._services, f"{builders.SLUG}/first-news")
        assert alert_id
        self._alert_id = alert_id
        disturbances = list(self._disturbances())
        while self._is_open():
            state = self._tell("state")
            while disturbances and state["mails"] >= disturbances[0].at * self.plan.recipients:
                if state["armed"]:
                    break
                disturbance = disturbances.pop(0)
                disturbance.act()
                self.progress(f"{state['mails']} mails: {disturbance.name}")
            self._let_pass(_TICK)
        self._tell("save")
        self._save_recipients()

    def report(self) -> Sequence[str]:
        """How the alert ended."""
        state, progress = self._tell("state"), controlling.show(self._services, self._alert_id)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in progress.outcomes.items())
        return [
            f"killed: {state['kills']} of {self._started_workers} workers",
            f"ledger: {progress.alert.state}: {counts}",
            f"messages left: {sum(state['waiting'].values())}",
        ]

    def _prepare(self) -> None:
        services = self._services
        store_missing(services.secrets.ssm(), services.settings.secrets_path)
        publishing.publish_petition(services, builders.petition())
        publishing.publish_update(services, builders.update())
        addresses = [self._address(number) for number in range(self.plan.recipients)]
        many_subscribers.subscribe(services, builders.SLUG, addresses, LANGUAGES)
        self._tell("ses", rate=self.plan.rate)
        pacing.every_minute(services)

    def _disturbances(self) -> Iterator[Disturbance]:
        """What happens, in the order of the shares."""
        planned = [
            Disturbance(0.25, "SES turns a third of the calls away", self._turn_away(0.33)),
            Disturbance(0.35, "SES turns none away", self._turn_away(0)),
            Disturbance(0.4, f"{self.plan.leaving} people leave", self._leave),
            Disturbance(0.5, "paused for ten minutes", self._pause),
            Disturbance(0.6, "SES stops for an hour", self._stop_ses),
            Disturbance(0.7, "the answers to two calls get lost", self._lose_answers),
            Disturbance(0.8, "the daily quota is reached for an hour", self._reach_quota),
        ]
        for number in range(self.plan.kills):
            at = 0.02 + 0.9 * number / max(1, self.plan.kills)
            planned.append(self._kill(at, number))
        return iter(sorted(planned, key=lambda each: each.at))

    def _kill(self, at: float, number: int) -> Disturbance:
        if number % 2 == 0:
            call = {"left": 1, "bulk_only": True, "after": True}
            name = "kill as soon as SES has the mails"
        else:
            call = {"left": self._random.randint(1, 12), "bulk_only": False}
            call["after"] = self._random.random() < 0.5
            when = "after" if call["after"] else "before"
            name = f"kill {when} call {call['left']} from here"
        return Disturbance(at, name, lambda: self._tell("kill", **call))

    def _turn_away(self, share: float) -> Callable[[], None]:
        return lambda: self._tell("ses", turned_away=share)

    def _leave(self) -> None:
        for number in self._random.sample(range(self.plan.recipients), self.plan.leaving):
            address = self._address(number)
            index = blind_indexes.subscriber_index(
                self._services, builders.SLUG, email_address.parse(address)
            )
            subscribers.mark_unsubscribed(
                self._services.subscribers,
                builders.SLUG,
                index,
                now=self._clock.now(),
                link_lifetime=timedelta(days=7),
            )
            self._left[address] = self._clock.now()

    def _pause(self) -> None:
        controlling.pause(self._services, self._alert_id, "a test")
        for _ in range(2):
            self._let_pass(_FIVE_MINUTES)
        controlling.resume(self._services, self._alert_id)

    def _stop_ses(self) -> None:
        self._tell("ses", enabled=False)
        self._let_an_hour_pass()
        self._tell("ses", enabled=True)

    def _lose_answers(self) -> None:
        self._tell("lose_answers", count=2)

    def _reach_quota(self) -> None:
        self._tell("ses", quota=self._tell("state")["mails"] + 50)
        self._let_an_hour_pass()
        self._tell("ses", quota=1_000_000)

    def _let_an_hour_pass(self) -> None:
        end = self._clock.now() + _HOUR
        while self._clock.now() < end:
            self._let_pass(_FIVE_MINUTES)

    def _let_pass(self, step: timedelta) -> None:
        """Replace dead workers, let the others work for a moment and the clock jump."""
        self._workers = [process for process in self._workers if process.is_alive()]
        while len(self._workers) < self.plan.workers:
            process = _FORK.Process(
                target=worker.work, args=(self.folder, self._environment), daemon=True
            )
            process.start()
            self._started_workers += 1
            self._workers.append(process)
        pause()
        self._tell("advance", seconds=step.total_seconds())
        if self._clock.now() >= self._next_minute:
            self._next_minute = self._clock.now() + _MINUTE
            self._tell("minute")
        if self.simulated > _MAX_SIMULATED:
            raise NotFinished("\n".join(self.report()))

    def _is_open(self) -> bool:
        return alerts.get(self._services.petitions, self._alert_id).state is not AlertState.COMPLETE

    def _save_recipients(self) -> None:
        with self.recipients_file.open("w", encoding="utf-8") as file:
            for number in range(self.plan.recipients):
                address = self._address(number)
                left_at = self._left.get(address)
                person = {"to": address, "left_at": left_at.isoformat() if left_at else None}
                file.write(json.dumps(person) + "\n")

    @staticmethod
    def _address(number: int) -> str:
        return f"subscriber.{number}@example.org"

    def _tell(self, command: str, **values: Any) -> Any:
        assert self._survivor.stdin
        self._survivor.stdin.write(json.dumps({"do": command, **values}) + "\n")
        self._survivor.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._survivor.stdout
        return json.loads(self._survivor.stdout.readline())
