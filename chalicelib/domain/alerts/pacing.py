"""The pace of sending: what is known of the account at SES, and when mails will be through."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
BULK_SHARE: Final = 0.8
"""Of the rate: a fifth stays free, so that a single mail goes at once beside bulk."""
TRIAL_MINUTES: Final = (1, 2, 4, 8, 15)
"""How long a stop waits for its first trial, and after each one that fails."""
QUOTA_REASON: Final = "the daily quota of SES is used up, but for single mails"

_RECOVERY: Final = timedelta(minutes=10)
"""How long the rate takes from nothing back to all that SES grants."""
_SINGLE_SHARE: Final = 5
"""A fifth of the daily quota is kept for single mails."""


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
        wait = TRIAL_MINUTES[min(self.trials + 1, len(TRIAL_MINUTES) - 1)]
        return replace(self, trials=self.trials + 1, retry_at=now + timedelta(minutes=wait))


@dataclass(frozen=True, kw_only=True)
class AccountFigures:
    """What SES says of the account.

    `rate` is in mails a second, `quota` in mails in 24 hours, None without a limit. `sent` are
    those of the last 24 hours.
    """

    rate: float
    quota: int | None
    sent: int
    sandbox: bool
    enabled: bool
    """Whether SES sends at all."""


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
    """Single mails of up to seven days before, the newest last."""
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
        """Mails of a daily quota that bulk may not use: a fifth, or the most of a day before."""
        quota = self.quota or 0
        return min(quota, max((quota // _SINGLE_SHARE, *self.singles_by_day)))

    @property
    def bulk_left(self) -> int | None:
        """Mails that bulk may still send by the daily quota, None without a limit."""
        if self.quota is None:
            return None
        sent = self.sent + self.slots - self.slots_read
        singles_today = self.singles - self.singles_at_midnight
        kept = max(0, self.kept_for_singles - singles_today)
        return max(0, self.quota - sent - kept)


def days_needed(pace: Pace, count: int) -> int | None:
    """On how many days `count` mails of bulk go, None if the daily quota leaves no room for any."""
    left = pace.bulk_left
    if left is None or count <= left:
        return 1
    daily = _daily(pace)
    if daily <= 0:
        return None
    return math.ceil((count - left) / daily) + (left > 0)


def expected_end(pace: Pace, count: int, now: datetime) -> datetime | None:
    """When `count` mails of bulk are through, None if the daily quota leaves no room for any.

    What is used up of the quota now is free again a day later.
    """
    rate = pace.bulk_rate_at(now)
    by_rate = now + timedelta(seconds=count / rate)
    left = pace.bulk_left
    if left is None or count <= left:
        return by_rate
    daily = _daily(pace)
    if daily <= 0:
        return None
    full_days = math.ceil((count - left) / daily) - 1
    last = count - left - full_days * daily
    return max(by_rate, now + timedelta(days=full_days + 1, seconds=last / rate))


def _daily(pace: Pace) -> int:
    """Mails of bulk that a daily quota allows."""
    return (pace.quota or 0) - pace.kept_for_singles
