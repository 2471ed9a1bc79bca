"""What do confirmations wait for while an alert is sent to a million? A simulation of minutes.

Time is simulated, and the rules of slots are the service's own. SES is modelled as a token bucket
that holds one second of the rate; AWS does not publish how it measures.
"""

import heapq
import itertools
import random
import statistics
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.instruments import reporting
from bench.instruments.reporting import Chapter, Progress, figure, table
from chalicelib.domain.alerts import pace_changes, slots
from chalicelib.domain.alerts.pacing import Lane, NotNow, Pace
from tests.pacing import given_slot

RATE: Final = 14.0
"""Mails a second that SES grants, as to many an account outside the sandbox."""
CONFIRMATIONS: Final = 3.0
"""Mails a second that people ask for, at random moments."""
MINUTES: Final = 30
_WORKERS: Final = 2
_CALL_SECONDS: Final = 0.15
"""Of a call to SES with what belongs to it (docs/performance.md)."""
_START: Final = datetime(2026, 11, 30, tzinfo=UTC)
_UNPACED_WAIT: Final = 30.0
"""Seconds for which throttled recipients wait without slots, a confirmation six times as long."""
_MOST_DELAY: Final = 1.0
"""Seconds: what a single mail may wait for at most, in one of a hundred cases."""

Process = Generator[float, None, None]


@dataclass
class Simulation:
    """Processes that take turns in simulated seconds, SES's bucket, and what became of mails."""

    paced: bool
    seconds: float
    now: float = 0.0
    pace: Pace = field(default_factory=lambda: Pace(revision=1, rate=RATE, quota=None))
    offered: int = 0
    taken: int = 0
    delays: list[float] = field(default_factory=list)
    waiting: deque[float] = field(default_factory=deque)
    """When each confirmation was asked for that nobody has tried yet."""
    returning: list[tuple[float, float, int]] = field(default_factory=list)
    """Confirmations that SES has not taken: when they come again, when asked for, tries."""
    _tokens: float = RATE
    _filled: float = 0.0

    @property
    def moment(self) -> datetime:
        """The simulated moment."""
        return _START + timedelta(seconds=self.now)

    def run(self) -> None:
        """Let every process take its turns until the time is over."""
        processes: list[Process] = [self._arrivals()]
        processes += [self._mailer() for _ in range(_WORKERS)]
        processes += [self._alerter() for _ in range(_WORKERS)]
        number = itertools.count()
        turns = [(0.0, next(number), process) for process in processes]
        heapq.heapify(turns)
        while turns[0][0] < self.seconds:
            self.now, _, process = heapq.heappop(turns)
            heapq.heappush(turns, (self.now + next(process), next(number), process))

    def reserve(self, lane: Lane, count: int) -> float:
        """Seconds until a slot. Raises NotNow."""
        self.pace, starts_at = given_slot(self.pace, lane, count, self.moment)
        return (starts_at - self.moment).total_seconds()

    def offer(self, count: int) -> int:
        """Hand mails to SES; how many it takes."""
        self._tokens = min(RATE, self._tokens + (self.now - self._filled) * RATE)
        self._filled = self.now
        taken = min(count, int(self._tokens))
        self._tokens -= taken
        self.offered += count
        self.taken += taken
        if taken < count and self.paced:
            self._slow_down()
        return taken

    def _slow_down(self) -> None:
        rate = pace_changes.reduced(self.pace, self.moment)
        if rate is not None:
            self.pace = replace(self.pace, reduced_to=rate, reduced_at=self.moment)

    def _arrivals(self) -> Process:
        chance = random.Random(1)
        while True:
            yield chance.expovariate(CONFIRMATIONS)
            self.waiting.append(self.now)

    def _mailer(self) -> Process:
        """Send confirmations, one at a time; one that SES does not take comes again."""
        while True:
            if self.returning and self.returning[0][0] <= self.now:
                _, asked_at, tries = heapq.heappop(self.returning)
            elif self.waiting:
                asked_at, tries = self.waiting.popleft(), 0
            else:
                yield 0.01
                continue
            try:
                yield self.reserve(Lane.SINGLE, 1) if self.paced else 0.0
                went = self.offer(1)
            except NotNow:
                went = 0
            if went:
                self.delays.append(self.now - asked_at)
            else:
                wait = min(360, 5 * 2**tries) if self.paced else 6 * _UNPACED_WAIT
                heapq.heappush(self.returning, (self.now + wait, asked_at, tries + 1))
            yield _CALL_SECONDS

    def _alerter(self) -> Process:
        """Send chunks of an alert that has no end in this time."""
        while True:
            if not self.paced:
                self.offer(int(RATE))
                yield _CALL_SECONDS
                continue
            count = slots.chunk_size(self.pace, self.moment)
            try:
                yield self.reserve(Lane.ALERT, count)
            except NotNow as later:
                yield later.retry_after_seconds
                continue
            start = self.moment
            for moment, size in slots.calls(self.pace, start, count):
                yield max(0.0, (moment - self.moment).total_seconds())
                self.offer(size)
            yield _CALL_SECONDS

    @property
    def row(self) -> list[str]:
        """The figures of the report."""
        return [
            f"{100 * (1 - self.taken / self.offered):.1f} %",
            f"{figure(self.delay(50))} s",
            f"{figure(self.delay(99))} s",
            f"{100 * self.taken / (RATE * self.seconds):.0f} %",
        ]

    def delay(self, percentile: int) -> float:
        """Seconds that a confirmation waits, at a percentile; some wait still."""
        still = [*self.waiting, *(asked_at for _, asked_at, _ in self.returning)]
        delays = [*self.delays, *(self.now - asked_at for asked_at in still)]
        return statistics.quantiles(delays, n=100)[percentile - 1]


def simulated(*, paced: bool, minutes: float = MINUTES) -> Simulation:
    """A simulation that has run."""
    simulation = Simulation(paced=paced, seconds=60 * minutes)
    simulation.run()
    return simulation


def measure(progress: Progress) -> dict[str, Simulation]:
    """Both simulations, by name."""
    progress("with and without slots")
    return {
        "without slots": simulated(paced=False),
        "with slots": simulated(paced=True),
    }


def chapter(results: dict[str, Simulation]) -> Chapter:
    """The share of throttled mails, the delay of confirmations, and what of SES's rate is used."""
    heads = ["", "offered and throttled", "confirmation, median", "99th percentile", "rate used"]
    paced = results["with slots"]
    text = f"""
SES grants {figure(RATE)} mails a second. An alert to a million is sent, and people ask for
{figure(CONFIRMATIONS)} confirmations a second. {MINUTES} simulated minutes, with the rules of the
service and a model of SES: **not seen on AWS**.

{table(heads, [[name, *simulation.row] for name, simulation in results.items()])}
Without slots, as many calls as fit are made, and what SES throttles comes again after
{figure(_UNPACED_WAIT)} seconds, or {figure(6 * _UNPACED_WAIT)} for a confirmation. Bulk is given
four fifths of the rate, less what single mails take; the rest is what lets them go at once.
"""
    broken = []
    if paced.delay(99) > _MOST_DELAY:
        broken.append(f"a confirmation waits for a second at most: {figure(paced.delay(99))}")
    return Chapter(
        title="Confirmations beside an alert to a million",
        command=reporting.command("pacing"),
        text=text,
        broken=broken,
    )


if __name__ == "__main__":
    reporting.show("pacing", lambda progress: chapter(measure(progress)))
