"""Slots for sending: at SES's rate, within its daily quota, and not while SES refuses the account.

A worker knows the pace from its last write, so that a slot is one write. If what it knows is old,
the write fails, tells what is stored, and is made again.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts import pace_changes, slots
from chalicelib.domain.alerts.pacing import AccountFigures, Lane, NotNow, Pace
from chalicelib.domain.errors import Unavailable
from chalicelib.mail.ses_faults import AccountFault, InDoubt, RecipientFault, Throttled
from chalicelib.store.alerts import pacing
from chalicelib.store.alerts.pacing import Outdated
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_MAX_ATTEMPTS: Final = 8
_FRESH: Final = timedelta(minutes=1)


def reserve(services: Services, lane: Lane, count: int) -> datetime:
    """Take a slot for `count` mails: the moment from which to send, at most some seconds ahead.

    Bulk takes at most `slot_size` at a time and sends at the moments of `calls`. An unused slot is
    lost. One write. Raises NotNow, SendingStopped, Unavailable.
    """
    pace, read = services.pace, False
    for _ in range(_MAX_ATTEMPTS):
        if pace is None:
            pace, read = newest(services), True
        try:
            slot = slots.slot(pace, lane, count, services.now())
        except NotNow:
            if read:
                raise
            # Others may have changed it since.
            pace = None
            continue
        try:
            given = pacing.add_slot(services.petitions, pace, slot)
        except Outdated as outdated:
            pace, read = _seen(services, outdated.pace), True
        else:
            return slot.starts_at(_seen(services, given))
    raise NotNow(timedelta(seconds=1))


def current(services: Services) -> Pace:
    """The pace, at most a minute old. Raises Unavailable."""
    if services.pace and services.now() - services.pace_seen_at <= _FRESH:
        return services.pace
    return newest(services)


def newest(services: Services) -> Pace:
    """The pace as it is stored. Raises Unavailable."""
    return _seen(services, pacing.find(services.petitions))


def mails_per_call(services: Services) -> int:
    """Recipients of one bulk call to SES: 1 to 50."""
    return slots.mails_per_call(current(services), services.now())


def chunk_size(services: Services) -> int:
    """Recipients of one chunk: 1 to 99."""
    return slots.chunk_size(current(services), services.now())


def slot_size(services: Services) -> int:
    """The most recipients of one slot of bulk: 1 to 99."""
    return slots.slot_size(current(services), services.now())


def calls(services: Services, starts_at: datetime, count: int) -> Sequence[tuple[datetime, int]]:
    """When to make each bulk call of a slot, and for how many recipients."""
    return slots.calls(current(services), starts_at, count)


def wait_until(services: Services, moment: datetime) -> None:
    """Sleep until a moment, if it has not passed."""
    seconds = (moment - services.now()).total_seconds()
    if seconds > 0:
        services.sleep(seconds)


def tell(services: Services, account: AccountFigures, *, asked_with: Pace) -> Pace:
    """Store what SES has told; `asked_with` is the pace as it was before. Raises Unavailable."""
    pace = asked_with
    for _ in range(_MAX_ATTEMPTS):
        new = pace_changes.told(pace, account, slots_read=asked_with.slots, now=services.now())
        if new == pace:
            break
        try:
            pace = pacing.save_account(services.petitions, pace, new)
        except Outdated as outdated:
            pace = outdated.pace
        else:
            break
    return _seen(services, pace)


@contextmanager
def learning(services: Services) -> Iterator[None]:
    """Learn from a call to SES in the block: its success, or the fault that it raises."""
    try:
        yield
    except Throttled:
        throttled(services)
        raise
    except AccountFault as fault:
        stopped(services, fault)
        raise
    except InDoubt:
        unanswered(services)
        raise
    except RecipientFault:
        # A refused mail also shows that SES answers.
        succeeded(services)
        raise
    succeeded(services)


def throttled(services: Services) -> None:
    """Reduce the rate: SES takes mails more slowly than it has said. It comes back by itself."""

    def reduce(pace: Pace) -> Pace:
        now = services.now()
        rate = pace_changes.reduced(pace, now)
        if rate is None:
            return pace
        log.warning("SES throttles: %.1f mails a second", rate)
        return pacing.mark_reduced(services.petitions, pace, rate, now=now)

    _change(services, reduce)


def stopped(services: Services, fault: AccountFault) -> None:
    """Stop all lanes until a trial succeeds; for the daily quota only bulk, until SES says less."""

    def stop(pace: Pace) -> Pace:
        if fault.is_daily_quota and pace.quota is not None:
            return pacing.mark_quota_used(services.petitions, pace)
        return _with_stop(services, pace, fault.reason)

    _change(services, stop)


def unanswered(services: Services) -> None:
    """Count a call whose answer was lost. After three without a success all lanes stop."""

    def count(_: Pace) -> Pace:
        return pacing.add_unanswered(services.petitions)

    def stop(pace: Pace) -> Pace:
        return _with_stop(services, pace, pace_changes.DOWN_REASON)

    _change(services, count)
    if services.pace and services.pace.unanswered >= pace_changes.UNANSWERED_LIMIT:
        _change(services, stop)


def succeeded(services: Services) -> None:
    """Note that SES has taken a mail: a stop ends. No call while there is none."""

    def go_on(pace: Pace) -> Pace:
        if pace.stop is None and not pace.unanswered:
            return pace
        return pacing.mark_going(services.petitions, pace)

    if services.pace and (services.pace.stop or services.pace.unanswered):
        _change(services, go_on)


def _with_stop(services: Services, pace: Pace, reason: str) -> Pace:
    new = pace_changes.stopped(pace, reason, services.now())
    return pacing.mark_stopped(services.petitions, pace, new) if new else pace


def _change(services: Services, change: Callable[[Pace], Pace]) -> None:
    """Make a change, again while others make theirs.

    A change that fails is left out and raises nothing: what SES has answered must reach the caller,
    and SES says it again.
    """
    try:
        pace = services.pace or newest(services)
        for _ in range(_MAX_ATTEMPTS):
            try:
                _seen(services, change(pace))
            except Outdated as outdated:
                pace = outdated.pace
            else:
                return
    except Unavailable:
        log.warning("the pace could not be changed")


def _seen(services: Services, pace: Pace) -> Pace:
    """Remember the pace in this process."""
    services.pace, services.pace_seen_at = pace, services.now()
    return pace
