"""What recovery sees of an alert, and which of its chunks have lost their message.

A chunk may wait for hours in the queue. It has lost its message if sending has gone past it for a
while, or if nothing at all gets on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk, ChunkState, Group

MESSAGE_TIMEOUT: Final = timedelta(minutes=2)
"""How long work lies untouched before its message counts as lost: messages overtake each other."""


@dataclass(frozen=True, kw_only=True)
class GroupSurvey:
    """A group with its chunks, as they were read."""

    group: Group
    chunks: tuple[Chunk, ...]

    @property
    def reached_at(self) -> datetime | None:
        """When sending was first seen in this group, None if it has not reached it."""
        return min((chunk.changed_at for chunk in self.chunks if chunk.is_reached), default=None)

    @property
    def progress_at(self) -> datetime:
        """When a chunk was last changed, or the group was last queued."""
        return max((chunk.changed_at for chunk in self.chunks), default=self.group.added_at)

    def is_due(self, now: datetime) -> bool:
        """Whether a chunk is due and its message could be there."""
        queued = now - self.group.queued_at >= MESSAGE_TIMEOUT
        return queued and any(chunk.state is ChunkState.DUE for chunk in self.chunks)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """An open alert, with those of its groups that are not settled, from the first on.

    They end with the first three that sending has not reached.
    """

    alert: Alert
    groups: tuple[GroupSurvey, ...]

    @property
    def progress_at(self) -> datetime:
        """When the alert last got on."""
        moments = [group.progress_at for group in self.groups]
        return max([self.alert.changed_at, *filter(None, [self.alert.settled_at]), *moments])

    def lost(self, now: datetime, *, idle: timedelta) -> Iterator[GroupSurvey]:
        """The groups whose chunks have lost their messages. `idle` is how long nothing got on."""
        passed_at: datetime | None = None
        for group in reversed(self.groups):
            passed = passed_at is not None and now - passed_at >= MESSAGE_TIMEOUT
            if group.is_due(now) and (passed or idle >= MESSAGE_TIMEOUT):
                yield group
            reached = [moment for moment in (passed_at, group.reached_at) if moment]
            passed_at = min(reached, default=None)


def last_progress(surveys: Sequence[Survey]) -> datetime:
    """When any of these alerts, one or more, last got on."""
    return max(survey.progress_at for survey in surveys)
