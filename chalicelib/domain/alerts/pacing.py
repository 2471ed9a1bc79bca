"""The pace of sending: who may send how many mails when, by SES's rate and daily quota.

The rate is kept by the generic cell rate algorithm (GCRA): a *meter* is the moment until which the
mails that were let through fill the rate. All mails move the meter of bulk, so that bulk yields to
single mails; single mails are held back by their own meter only, so they never wait for bulk.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_CALL: Final = 50
"""SendBulkEmail takes at most 50 destinations (SES API v2 reference)."""
MAX_CHUNK: Final = 99
"""A BatchGetItem takes 100 keys: those of the recipients, and the alert's header."""
BULK_SHARE: Final = 0.8
"""Of the rate: a fifth stays free, so that a single mail goes at once beside bulk."""
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

_CHUNK_SECONDS: Final = 4
_BURST: Final = timedelta(seconds=1)
"""How far single mails may be ahead of the rate: SES allows short bursts."""
_REDUCTION: Final = 0.7
_LEAST_SHARE: Final = 0.1
_RECOVERY: Final = timedelta(minutes=10)
"""How long the rate takes from nothing back to all that SES grants."""
_SINGLE_SHARE: Final = 5
"""A fifth of the daily quota is kept for single mails."""
_QUOTA_WAIT: Final = timedelta(minutes=10)
_TRIAL_MINUTES: Final = (1, 2, 4, 8, 15)
UNANSWERED_LIMIT: Final = 3
"""Lost answers without a success between them after which SES counts as down."""
DAYS_KEPT: Final = 7

QUOTA_REASON: Final = "the daily quota of SES is used up, but for single mails"
DOWN_REASON: Final = "SES does not answer"


class Lane(StrEnum):
    """Who sends, the most urgent first."""

    SINGLE = "single"
    ORGANISER = "organiser"
    ALERT = "alert"
    DIGEST = "digest"

    @property
    def is_bulk(self) -> bool:
        """Whether its mails yield to single mails."""
        return self in (Lane.ALERT, Lane.DIGEST)


_LONGEST_WAIT: Final[Mapping[Lane, timedelta]] = {
    Lane.SINGLE: timedelta(seconds=4),
    Lane.ORGANISER: timedelta(seconds=2),
    # A chunk takes five seconds: so one worker can wait while another sends, and a digest gets
    # its turn only when no alert waits.
    Lane.ALERT: timedelta(seconds=6),
    Lane.DIGEST: timedelta(seconds=1),
}


class NotNow(Exception):
    """No slot is free soon. `retry_after_seconds` is a whole number, 1 or more."""

    def __init__(self, wait: timedelta) -> None:
        self.retry_after_seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(f"in {self.retry_after_seconds} seconds")


class SendingStopped(NotNow):
    """Nothing of this lane is sent before `retry_at`; `reason` is an English phrase."""

    def __init__(self, reason: str, retry_at: datetime, now: datetime) -> None:
        super().__init__(retry_at - now)
        self.reason = reason
        self.retry_at = retry_at


@dataclass(frozen=True, kw_only=True)
class Stop:
    """All lanes are stopped since `since`; from `retry_at` on one sender may try again."""

    reason: str
    since: datetime
    trials: int
    retry_at: datetime

    def next_trial(self, now: datetime) -> "Stop":
        """The stop while another trial runs, and if it fails."""
        wait = _TRIAL_MINUTES[min(self.trials + 1, len(_TRIAL_MINUTES) - 1)]
        return replace(self, trials=self.trials + 1, retry_at=now + timedelta(minutes=wait))


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What is known of the account at SES and of the slots that were given.

    The defaults are those of a new account, before SES was asked: its sandbox.
    """

    revision: int = 0
    """Changes with everything but the meters and the counts of slots."""
    rate: float = 1.0
    """Mails a second that SES grants."""
    quota: int | None = 200
    """Mails in 24 hours that SES grants, None without a limit."""
    sandbox: bool = True
    sent: int = 0
    """Mails in the 24 hours before SES was asked last."""
    slots: int = 0
    """Slots that were ever given, of all lanes."""
    slots_read: int = 0
    """The same, as of the moment at which SES was asked."""
    singles: int = 0
    """Slots that were ever given to single mails and tests."""
    singles_at_midnight: int = 0
    day: str = ""
    """The day (UTC) to which `singles_at_midnight` belongs."""
    singles_by_day: tuple[int, ...] = ()
    """Single mails of up to `DAYS_KEPT` days before, the newest last."""
    single_until: datetime = NEVER
    """The meter of single mails and tests."""
    all_until: datetime = NEVER
    """The meter of all mails, which bulk waits for."""
    reduced_to: float = 0.0
    reduced_at: datetime = NEVER
    """The rate to which throttling has reduced, and when."""
    unanswered: int = 0
    """Calls whose answer was lost, since the last success after one."""
    stop: Stop | None = None

    def rate_at(self, now: datetime) -> float:
        """Mails a second: what SES grants, less after throttling; it comes back by time."""
        if self.reduced_at == NEVER:
            return self.rate
        return min(self.rate, self.reduced_to + self.rate * ((now - self.reduced_at) / _RECOVERY))

    def bulk_rate_at(self, now: datetime) -> float:
        """Mails a second of bulk."""
        return self.rate_at(now) * BULK_SHARE

    @property
    def kept_for_singles(self) -> int:
        """Mails of the daily quota that bulk may not use: a fifth, or the most of a day before."""
        if self.quota is None:
            return 0
        most = max((self.quota // _SINGLE_SHARE, *self.singles_by_day))
        today = self.singles - self.singles_at_midnight
        return min(self.quota, max(0, most - today))

    @property
    def bulk_left(self) -> int | None:
        """Mails that bulk may still send by the daily quota, None without a limit."""
        if self.quota is None:
            return None
        sent = self.sent + self.slots - self.slots_read
        return max(0, self.quota - sent - self.kept_for_singles)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A slot for `count` mails, asked for at `now`: how far it moves the meters.

    `latest` bounds the meter that holds the lane back. `trial` is the stop while this slot is its
    trial.
    """

    lane: Lane
    count: int
    now: datetime
    single_cost: timedelta
    all_cost: timedelta
    latest: datetime
    trial: Stop | None

    def starts_at(self, given: Pace) -> datetime:
        """When to send, by the pace that the slot has moved."""
        if self.lane.is_bulk:
            return max(self.now, given.all_until - self.all_cost)
        return max(self.now, given.single_until - self.single_cost - _BURST)


def slot(pace: Pace, lane: Lane, count: int, now: datetime) -> Slot:
    """The slot for `count` mails of a lane. Raises NotNow, SendingStopped."""
    if pace.stop and now < pace.stop.retry_at:
        raise SendingStopped(pace.stop.reason, pace.stop.retry_at, now)
    if lane.is_bulk and pace.bulk_left is not None and count > pace.bulk_left:
        raise SendingStopped(QUOTA_REASON, now + _QUOTA_WAIT, now)
    longest = _LONGEST_WAIT[lane]
    latest = now + longest if lane.is_bulk else now + longest + _BURST
    meter = pace.all_until if lane.is_bulk else pace.single_until
    if meter > latest:
        raise NotNow(meter - latest)
    time = timedelta(seconds=count / pace.rate_at(now))
    return Slot(
        lane=lane,
        count=count,
        now=now,
        single_cost=timedelta() if lane.is_bulk else time,
        all_cost=time / BULK_SHARE if lane.is_bulk else time,
        latest=latest,
        trial=pace.stop.next_trial(now) if pace.stop else None,
    )


def mails_per_call(pace: Pace, now: datetime) -> int:
    """Recipients of one bulk call: what bulk may send in a second."""
    return max(1, min(MAX_CALL, int(pace.bulk_rate_at(now))))


def chunk_size(pace: Pace, now: datetime) -> int:
    """Recipients of one chunk, and of one slot of bulk: four seconds' worth of the rate."""
    return max(1, min(MAX_CHUNK, int(pace.rate_at(now) * _CHUNK_SECONDS)))


def calls(pace: Pace, starts_at: datetime, count: int) -> Sequence[tuple[datetime, int]]:
    """When to make each call of a slot of bulk, and for how many recipients."""
    most = mails_per_call(pace, starts_at)
    number = math.ceil(count / most)
    sizes = [count // number + (place < count % number) for place in range(number)]
    per_mail = timedelta(seconds=1 / pace.bulk_rate_at(starts_at))
    return [(starts_at + sum(sizes[:place]) * per_mail, size) for place, size in enumerate(sizes)]


def asked(
    pace: Pace, *, rate: float, quota: int | None, sandbox: bool, sent: int, now: datetime
) -> Pace:
    """The pace after SES was asked at `now`; `pace` is that of just before.

    `sent` are mails of the last 24 hours. A new day (UTC) closes the count of single mails.
    """
    new = replace(pace, rate=rate, quota=quota, sandbox=sandbox, sent=sent, slots_read=pace.slots)
    day = now.astimezone(UTC).date().isoformat()
    if day == pace.day:
        return new
    yesterday = pace.singles - pace.singles_at_midnight
    days = (*pace.singles_by_day, yesterday) if pace.day else ()
    return replace(new, day=day, singles_at_midnight=pace.singles, singles_by_day=days[-DAYS_KEPT:])


def reduced(pace: Pace, now: datetime) -> float | None:
    """The rate after SES has throttled, None if it was reduced within the last second."""
    if now - pace.reduced_at < timedelta(seconds=1):
        return None
    least = min(pace.rate, max(1.0, pace.rate * _LEAST_SHARE))
    return max(least, pace.rate_at(now) * _REDUCTION)


def stopped(pace: Pace, reason: str, now: datetime) -> Stop | None:
    """The stop after a fault of the account, None if it is known."""
    if pace.stop:
        # A trial has failed: the next one is set already.
        return None if pace.stop.reason == reason else replace(pace.stop, reason=reason)
    wait = timedelta(minutes=_TRIAL_MINUTES[0])
    return Stop(reason=reason, since=now, trials=0, retry_at=now + wait)


def days_needed(pace: Pace, count: int) -> int | None:
    """On how many days `count` mails of bulk go, by the daily quota; None if it leaves no room."""
    left = pace.bulk_left
    if left is None or count <= left:
        return 1
    daily = _daily(pace)
    if daily <= 0:
        return None
    return math.ceil((count - left) / daily) + (left > 0)


def expected_end(pace: Pace, count: int, now: datetime) -> datetime | None:
    """When `count` mails of bulk are through, None if the daily quota leaves no room for any.

    The quota is one of 24 hours: what is used up now is free again a day later.
    """
    by_rate = now + timedelta(seconds=count / pace.bulk_rate_at(now))
    left = pace.bulk_left
    if left is None or count <= left:
        return by_rate
    daily = _daily(pace)
    if daily <= 0:
        return None
    days = math.ceil((count - left) / daily)
    last = count - left - (days - 1) * daily
    by_quota = now + timedelta(days=days, seconds=last / pace.bulk_rate_at(now))
    return max(by_rate, by_quota)


def _daily(pace: Pace) -> int:
    """Mails of bulk that the quota allows on a day."""
    quota = pace.quota or 0
    return quota - min(quota, max((quota // _SINGLE_SHARE, *pace.singles_by_day)))
