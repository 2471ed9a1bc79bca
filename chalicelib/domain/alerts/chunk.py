"""A chunk of an alert: due, then claimed by one worker, then settled.

A claim that is neither settled nor released after `LEASE` is in doubt: its worker is gone, and SES
may or may not have taken the mails. `doubt.py` says what becomes of it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_CHUNK_RECIPIENTS: Final = 99
"""A BatchGetItem takes 100 keys: the suppressions of a chunk, and the header of its alert."""

MAX_GROUP_CHUNKS: Final = 25
"""With the header and their group, 27 of the 100 writes of a transaction, and 60 KB."""

LEASE: Final = timedelta(seconds=60)
"""How long a claim holds: twice as long as a worker can run."""

RETENTION: Final = timedelta(days=30)
"""How long a settled chunk and its events are kept: they answer who did not get a mail."""


class ChunkState(StrEnum):
    """The state of a chunk."""

    DUE = "due"
    CLAIMED = "claimed"
    SETTLED = "settled"


class Outcome(StrEnum):
    """The outcome for one recipient of a chunk."""

    SENT = "sent"
    SKIPPED = "skipped"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"
    DOUBTFUL = "doubtful"
    CANCELLED = "cancelled"


OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SENT: "handed to the mail service",
    Outcome.SKIPPED: "had left meanwhile",
    Outcome.SUPPRESSED: "blocked, or their mailbox takes no mail",
    Outcome.REJECTED: "refused by the mail service",
    Outcome.DOUBTFUL: "perhaps mailed, perhaps not",
    Outcome.CANCELLED: "left out, as the alert was cancelled",
}
"""What each outcome means, for organisers."""
OUTCOME_LABELS: Final[Mapping[Outcome, str]] = {
    Outcome.SENT: "mailed",
    Outcome.SKIPPED: "left meanwhile",
    Outcome.SUPPRESSED: "blocked",
    Outcome.REJECTED: "refused",
    Outcome.DOUBTFUL: "not certain",
    Outcome.CANCELLED: "cancelled",
}
"""What organisers call the outcomes at the desk."""
MISSED: Final = frozenset({Outcome.REJECTED, Outcome.DOUBTFUL})
"""The outcomes of those who can be mailed again."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Up to 99 recipients of one alert, at the positions from 0 to `size` - 1.

    `outcomes` maps a position to its outcome, `reasons` to the reason of a rejection. Recipients at
    the `moved` positions are in a later chunk, to be mailed again. `attempt` counts the claims.
    """

    alert_id: str
    number: int
    size: int
    state: ChunkState
    attempt: int
    changed_at: datetime
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    moved: frozenset[int] = frozenset()

    @property
    def open_positions(self) -> tuple[int, ...]:
        """The positions that have no outcome yet."""
        return tuple(p for p in range(self.size) if p not in self.outcomes and p not in self.moved)

    @property
    def missed_positions(self) -> tuple[int, ...]:
        """The positions of those who can be mailed again."""
        return tuple(sorted(p for p, outcome in self.outcomes.items() if outcome in MISSED))

    @property
    def is_settled(self) -> bool:
        """Whether each recipient has an outcome."""
        return self.state is ChunkState.SETTLED

    @property
    def is_reached(self) -> bool:
        """Whether sending has come to this chunk."""
        return self.attempt > 0

    @property
    def claim_ends_at(self) -> datetime:
        """The moment from which on the worker of the last claim is gone for certain."""
        return self.changed_at + LEASE

    def is_in_doubt(self, now: datetime) -> bool:
        """Whether its worker is gone and nobody knows whom SES has mailed."""
        return self.state is ChunkState.CLAIMED and now >= self.claim_ends_at

    def outcomes_of(self, *, cancelled: bool) -> Mapping[int, Outcome]:
        """The outcomes, with those that are certain though not stored yet.

        In a cancelled alert a chunk that no worker has claimed is never mailed.
        """
        if not cancelled or self.state is not ChunkState.DUE:
            return self.outcomes
        return {**dict.fromkeys(self.open_positions, Outcome.CANCELLED), **self.outcomes}

    def counts(self) -> Counter[Outcome]:
        """The number of recipients by outcome."""
        return Counter(self.outcomes.values())

    def refusals(self) -> Counter[str]:
        """The number of refused recipients by reason."""
        return Counter(
            self.reasons.get(position, "")
            for position, outcome in self.outcomes.items()
            if outcome is Outcome.REJECTED
        )


@dataclass(frozen=True, kw_only=True)
class ClaimedChunk(Chunk):
    """A chunk with its recipients: blind indexes, never addresses."""

    recipients: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Chunks with successive numbers from `first` on, of which not all are known to be settled.

    `queued_at` is when the jobs of the chunks were last queued.
    """

    first: int
    chunk_count: int
    recipient_count: int
    added_at: datetime
    queued_at: datetime

    @property
    def numbers(self) -> range:
        """The numbers of its chunks."""
        return range(self.first, self.first + self.chunk_count)
