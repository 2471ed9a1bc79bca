"""A chunk of an alert: due, then claimed by one worker, then settled.

A claim that is neither settled nor released is in doubt: SES may or may not have taken the mails.
After `DOUBT_PERIOD` the send events have arrived: the recipients that they name were mailed, and
another worker may claim the chunk for the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

MAX_CHUNK_RECIPIENTS: Final = 50
"""SendBulkEmail takes at most 50 destinations (SES API v2 reference)."""

DOUBT_PERIOD: Final = timedelta(minutes=15)
"""Longer than a worker can run and send events can take together."""

MESSAGE_TIMEOUT: Final = timedelta(minutes=2)
"""How long a chunk may be open before its queue message counts as lost."""

RETENTION: Final = timedelta(days=30)
"""How long a settled chunk and its send events are kept: they answer who did not get a mail."""


class ChunkState(StrEnum):
    """The state of a chunk."""

    DUE = "due"
    CLAIMED = "claimed"
    SETTLED = "settled"


class Outcome(StrEnum):
    """The outcome for one recipient of a chunk."""

    SENT = "sent"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    THROTTLED = "throttled"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Up to 50 recipients of one alert.

    `recipients` are blind indexes, never addresses. `outcomes` maps a position in `recipients` to
    its outcome; positions without one are still to be mailed. `attempt` counts the claims.
    """

    alert_id: str
    number: int
    recipients: tuple[str, ...]
    state: ChunkState
    attempt: int
    outcomes: Mapping[int, Outcome]

    @property
    def open_positions(self) -> tuple[int, ...]:
        """The positions that have no outcome yet."""
        return tuple(
            position for position in range(len(self.recipients)) if position not in self.outcomes
        )
