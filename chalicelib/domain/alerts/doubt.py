"""Doubt: what is known of recipients whose mails SES may or may not have taken.

Events name those whom SES has taken. That others were not taken follows from no time that passes,
since events can be late by hours. It follows from a *probe*: mails to SES's own mailbox simulator,
sent after the claim ended. When their events have come, and as much time again has passed, events
of earlier mails have come too. That moment is the *watermark*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts.chunk import Chunk, Outcome
from chalicelib.domain.alerts.feedback import EventKind

PROBE_MAILS: Final = 10
PROBE_LIFETIME: Final = timedelta(minutes=15)
"""How long the events of a probe are awaited, before another is sent: one may be lost."""
ALARM_AFTER: Final = timedelta(hours=1)
"""How long a chunk is in doubt before somebody is told, or its alert's `on_doubt` decides."""

_REFUSALS: Final[Mapping[EventKind, str]] = {
    EventKind.REJECT: "REJECT",
    EventKind.RENDERING_FAILURE: "RENDERING_FAILURE",
}
"""Events that say that SES has taken a mail and not sent it."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Mails to SES's mailbox simulator, sent from `sent_at` on.

    `seen_at` is when all their events had come, None before.
    """

    probe_id: str
    sent_at: datetime
    seen_at: datetime | None = None

    @property
    def alert_id(self) -> str:
        """The name under which its events are recorded, as those of an alert."""
        return f"probe-{self.probe_id}"

    @property
    def watermark_at(self) -> datetime | None:
        """When all events of mails from before `sent_at` have come, None if that is not known."""
        return self.sent_at + 2 * (self.seen_at - self.sent_at) if self.seen_at else None

    def covers(self, chunk: Chunk, now: datetime) -> bool:
        """Whether no event can be missing of a chunk whose worker is gone."""
        watermark_at = self.watermark_at
        return bool(watermark_at and chunk.claim_ends_at <= self.sent_at and now >= watermark_at)

    def is_awaited(self, now: datetime) -> bool:
        """Whether its events or its watermark can still come."""
        if self.watermark_at:
            return now < self.watermark_at
        return now < self.sent_at + PROBE_LIFETIME


@dataclass(frozen=True, kw_only=True)
class SeenOutcomes:
    """What events say of a chunk: outcomes, and reasons of rejections, by position."""

    outcomes: Mapping[int, Outcome]
    reasons: Mapping[int, str]


def finding(chunk: Chunk, positions: Mapping[EventKind, frozenset[int]]) -> SeenOutcomes:
    """What events at these positions say of the recipients who have no outcome yet."""
    unknown = frozenset(chunk.open_positions)
    reasons = {
        position: reason
        for kind, reason in _REFUSALS.items()
        for position in positions.get(kind, frozenset()) & unknown
    }
    seen = frozenset().union(*positions.values()) & unknown
    outcomes = {p: Outcome.REJECTED if p in reasons else Outcome.SENT for p in sorted(seen)}
    return SeenOutcomes(outcomes=outcomes, reasons=reasons)


def is_overdue(chunk: Chunk, now: datetime) -> bool:
    """Whether a chunk has been in doubt for so long that somebody must know."""
    return chunk.is_in_doubt(now) and now >= chunk.claim_ends_at + ALARM_AFTER
