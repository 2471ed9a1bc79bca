"""Milestones of a petition, of which the service itself writes an update: which are due, and when.

Each occasion has one update, whose name no other update may have. The public figures decide whether
a goal is reached. Of several goals reached at once only the highest counts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.alerts.schedule import DEFAULT_TIMES, DigestTimes

_WEEK: Final = timedelta(days=7)
_LATEST_NOTICE: Final = timedelta(days=3)
"""Before the end: later than that, after downtime, nobody is told that it comes."""


class Milestone(StrEnum):
    """The kinds of milestones, as petition.toml names them."""

    GOAL = "goal"
    CLOSING = "closing"
    HANDED_IN = "handed-in"


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A milestone that has come, and the goal that was reached; 0 for the other kinds."""

    milestone: Milestone
    goal: int = 0

    @property
    def name(self) -> str:
        """The name of its update."""
        if self.milestone is Milestone.GOAL:
            return f"goal-{self.goal}"
        return "closing-in-a-week" if self.milestone is Milestone.CLOSING else "handed-in"


@dataclass(frozen=True, kw_only=True)
class MilestonePlan:
    """The milestones that a petition is to have, and those that it has had.

    It can be signed until the end of `closes_on`, or until `closes_at` (aware UTC) on that day.
    `counted` is the public count that was looked at last, None before the first look. `past` holds
    the names of the updates that were written.
    """

    slug: str
    closes_on: date
    closes_at: datetime
    milestones: frozenset[Milestone] = frozenset()
    goals: tuple[int, ...] = ()
    handed_in_on: date | None = None
    times: DigestTimes = DEFAULT_TIMES
    counted: int | None = None
    past: Collection[str] = field(default_factory=frozenset)

    def counts(self, now: datetime) -> bool:
        """Whether a goal can still be reached."""
        return Milestone.GOAL in self.milestones and now < self.closes_at

    def goal_reached(self, count: int) -> Occasion | None:
        """The highest goal that the public count has reached since the last look, if any."""
        reached = highest_reached(self.goals, self.counted, count)
        return self._new(Occasion(milestone=Milestone.GOAL, goal=reached)) if reached else None

    def of_the_day(self, now: datetime) -> Sequence[Occasion]:
        """The other milestones that are due at `now`: in the daytime, when digests are due, too.

        That the petition closes is told a week before, at the latest three days before its end.
        """
        found = []
        if self.times.moment_of(self.closes_on - _WEEK) <= now <= self._last_notice:
            found.append(Occasion(milestone=Milestone.CLOSING))
        if self.handed_in_on and self.times.moment_of(self.handed_in_on) <= now:
            found.append(Occasion(milestone=Milestone.HANDED_IN))
        return [each for each in found if each.milestone in self.milestones and self._new(each)]

    def due_at(self, occasion: Occasion, now: datetime) -> datetime:
        """Since when an occasion has been news: a digest of that very moment holds it."""
        if occasion.milestone is Milestone.CLOSING:
            return self.times.moment_of(self.closes_on - _WEEK)
        if occasion.milestone is Milestone.HANDED_IN and self.handed_in_on:
            return self.times.moment_of(self.handed_in_on)
        return now.replace(microsecond=0)

    @property
    def _last_notice(self) -> datetime:
        return self.closes_at - _LATEST_NOTICE

    def _new(self, occasion: Occasion) -> Occasion | None:
        return None if occasion.name in self.past else occasion


def highest_reached(goals: Sequence[int], before: int | None, count: int) -> int:
    """The highest goal above the count `before` and up to `count`; 0 if there is none.

    Before the first look, what was reached long ago is no news.
    """
    return max((goal for goal in goals if before is not None and before < goal <= count), default=0)
