"""Slots for sending: who may send how many mails when.

The rate is kept by the generic cell rate algorithm (GCRA): a *meter* is the moment until which the
mails that were let through fill the rate. All mails move the meter of bulk, so that bulk yields to
single mails; single mails are held back by their own meter only, so they never wait for bulk.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts.chunk import MAX_CHUNK_RECIPIENTS
from chalicelib.domain.alerts.pacing import (
    QUOTA_REASON,
    Lane,
    NotNow,
    Pace,
    SendingStopped,
    Stop,
)

MAX_CALL: Final = 50
"""SendBulkEmail takes at most 50 destinations (SES API v2 reference)."""
_CHUNK_SECONDS: Final = 4
_BURST: Final = timedelta(seconds=1)
"""How far single mails may be ahead of the rate: SES allows short bursts."""
_QUOTA_WAIT: Final = timedelta(minutes=10)

_LONGEST_WAIT: Final[Mapping[Lane, timedelta]] = {
    Lane.SINGLE: timedelta(seconds=4),
    Lane.ORGANISER: timedelta(seconds=2),
    # A chunk takes five seconds: so one worker can wait while another sends, and a digest gets
    # its turn only when no alert waits.
    Lane.ALERT: timedelta(seconds=6),
    Lane.DIGEST: timedelta(seconds=1),
}


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
    # Throttling slows down bulk only: that alone makes room for single mails.
    rate = pace.bulk_rate_at(now) if lane.is_bulk else pace.rate
    cost = timedelta(seconds=count / rate)
    return Slot(
        lane=lane,
        count=count,
        now=now,
        single_cost=timedelta() if lane.is_bulk else cost,
        all_cost=cost,
        latest=latest,
        trial=pace.stop.next_trial(now) if pace.stop else None,
    )


def mails_per_call(pace: Pace, now: datetime) -> int:
    """Recipients of one bulk call: what bulk may send in a second."""
    return max(1, min(MAX_CALL, int(pace.bulk_rate_at(now))))


def chunk_size(pace: Pace, now: datetime) -> int:
    """Recipients of one chunk: four seconds' worth of the rate."""
    return max(1, min(MAX_CHUNK_RECIPIENTS, int(pace.rate_at(now) * _CHUNK_SECONDS)))


def slot_size(pace: Pace, now: datetime) -> int:
    """The most recipients of one slot of bulk: a chunk's, or the last ones of the daily quota."""
    size, left = chunk_size(pace, now), pace.bulk_left
    return size if left is None else max(1, min(size, left))


def calls(pace: Pace, starts_at: datetime, count: int) -> Sequence[tuple[datetime, int]]:
    """When to make each call of a slot of bulk, and for how many recipients."""
    most = mails_per_call(pace, starts_at)
    number = math.ceil(count / most)
    sizes = [count // number + (place < count % number) for place in range(number)]
    rate = pace.bulk_rate_at(starts_at)
    return [
        (starts_at + timedelta(seconds=sum(sizes[:place]) / rate), size)
        for place, size in enumerate(sizes)
    ]
