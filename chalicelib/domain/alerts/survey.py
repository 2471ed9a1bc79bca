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
    """A group with its chunks, as they were read; `is_closed` if it is no longer open."""

    group: Group
    chunks: tuple[Chunk, ...]
    is_closed: bool

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
    """An alert, with the groups that were open, from the first on.

    They end with the first three that sending has not reached, unless they are `all_groups`.
    """

    alert: Alert
    groups: tuple[GroupSurvey, ...]
    all_groups: bool

    @property
    def is_over(self) -> bool:
        """Whether no group is open, and none is to come."""
        closed = self.all_groups and all(group.is_closed for group in self.groups)
        return closed and (self.alert.cursor is None or self.alert.is_cancelled)

    @property
    def progress_at(self) -> datetime:
        """When the alert last got on."""
        moments = [group.progress_at for group in self.groups]
        return max([self.alert.changed_at, *filter(None, [self.alert.settled_at]), *moments])

    def lost(self, now: datetime, *, idle: timedelta) -> Iterator[GroupSurvey]:
        """The groups whose chunks have lost their messages. `idle` is how long nothing got on.

        Sending has gone past a group if one behind it was closed before, or reached a while ago.
        """
        passed = False
        follower = self.alert.chunk_count if self.all_groups else None
        for group in reversed(self.groups):
            passed = passed or (follower is not None and group.group.numbers.stop < follower)
            if group.is_due(now) and (passed or idle >= MESSAGE_TIMEOUT):
                yield group
            reached_at, follower = group.reached_at, group.group.first
            passed = passed or (reached_at is not None and now - reached_at >= MESSAGE_TIMEOUT)


def last_progress(surveys: Sequence[Survey]) -> datetime:
    """When any of these alerts, one or more, last got on."""
    return max(survey.progress_at for survey in surveys)
