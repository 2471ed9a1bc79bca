"""How the pace of sending follows what SES says: its figures, its throttling, its refusals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.domain.alerts.pacing import TRIAL_MINUTES, AccountFigures, Pace, Stop

UNANSWERED_LIMIT: Final = 3
"""Lost answers without a success between them after which SES counts as down."""
DOWN_REASON: Final = "SES does not answer"

_DAYS_KEPT: Final = 7
_REDUCTION: Final = 0.7
_LEAST_SHARE: Final = 0.1
"""Of the rate, or one mail a second if that is more: throttling reduces no further."""


def told(pace: Pace, account: AccountFigures, *, slots_read: int, now: datetime) -> Pace:
    """The pace after SES has told the figures of the account.

    `slots_read` slots had been given when it was asked. A new day (UTC) closes the count of single
    mails.
    """
    new = replace(
        pace,
        rate=account.rate,
        quota=account.quota,
        sandbox=account.sandbox,
        sent=account.sent,
        slots_read=slots_read,
    )
    day = now.astimezone(UTC).date().isoformat()
    if day == pace.day:
        return new
    yesterday = pace.singles - pace.singles_at_midnight
    days = (*pace.singles_by_day, yesterday) if pace.day else ()
    return replace(
        new, day=day, singles_at_midnight=pace.singles, singles_by_day=days[-_DAYS_KEPT:]
    )


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
    wait = timedelta(minutes=TRIAL_MINUTES[0])
    return Stop(reason=reason, since=now, trials=0, retry_at=now + wait)
