"""How one alert reaches each subscriber once: chunks, claims and doubt.

A chunk is due, then claimed by one worker, then settled. A claim that is neither settled nor
released is in doubt: SES may or may not have taken the mails. After `DOUBT_PERIOD` the tagged send
events have had time to arrive. Recipients that they name were mailed; the chunk is due again for
the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_CHUNK_RECIPIENTS: Final = 50
"""SendBulkEmail takes at most 50 destinations (SES API v2 reference)."""

DOUBT_PERIOD: Final = timedelta(minutes=15)
"""Longer than a worker can live, plus the time that send events may take."""

HINT_TIMEOUT: Final = timedelta(minutes=2)
"""How long a due chunk may lie before the clock assumes that its queue message was lost."""


class ChunkState(StrEnum):
    """Where a chunk stands."""

    DUE = "due"
    CLAIMED = "claimed"
    SETTLED = "settled"


class Outcome(StrEnum):
    """What became of one recipient of a chunk."""

    SENT = "sent"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    THROTTLED = "throttled"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Up to 50 recipients of one alert.

    `recipients` are blind indexes, never addresses; none is kept once all have an outcome.
    `outcomes` maps a position in `recipients` to what became of it; positions without one are
    still to be mailed. `changed_at` is the moment of the last change of state.
    """

    alert_id: str
    number: int
    recipients: tuple[str, ...]
    state: ChunkState
    attempt: int
    changed_at: datetime
    outcomes: Mapping[int, Outcome]

    @property
    def open_positions(self) -> tuple[int, ...]:
        """The positions that have no outcome yet."""
        return tuple(
            position for position in range(len(self.recipients)) if position not in self.outcomes
        )

    def is_lost_hint(self, now: datetime) -> bool:
        """Whether the chunk has been due for longer than a queue message should take."""
        return self.state is ChunkState.DUE and now - self.changed_at >= HINT_TIMEOUT

    def is_doubtful(self, now: datetime) -> bool:
        """Whether its worker is gone without a word, and the send events have had their time."""
        return self.state is ChunkState.CLAIMED and now - self.changed_at >= DOUBT_PERIOD
