"""Digests, daily and weekly: when they are due, their names, and the updates that they will hold.

A digest is an alert to the subscribers who want one mail a day, or one a week. It holds every
update whose alert was started since the digest before it. Who has changed the frequency meanwhile
gets each of these updates by the way that was chosen when its alert started.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from chalicelib.domain.alerts.schedule import DEFAULT_TIMES, DigestTimes
from chalicelib.domain.petitions.update import DIGEST_NAME
from chalicelib.domain.subscriber import Frequency

DIGESTS: Final = (Frequency.DAILY, Frequency.WEEKLY)
FREQUENCIES: Final = {Frequency.DAILY: "daily", Frequency.WEEKLY: "weekly"}
_PREFIXES: Final = {Frequency.DAILY: "day-", Frequency.WEEKLY: "week-"}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The updates that wait for a digest, in the order of their alerts.

    `since` (aware UTC) is when the first of them came, None if none waits.
    """

    names: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sending:
    """The alert `name` (of an update or digest), by which the update `update_name` is sent."""

    update_name: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PendingDigests:
    """The pending digests of a petition, and the sendings of its updates that have started.

    `sendings` leaves some out that have ended. `revision` counts the changes of all this.
    """

    slug: str
    times: DigestTimes = DEFAULT_TIMES
    waiting: Mapping[Frequency, Waiting] = field(default_factory=dict)
    sendings: frozenset[Sending] = frozenset()
    revision: int = 0

    def updates_for(self, frequency: Frequency) -> Waiting:
        """The updates that wait for a digest."""
        return self.waiting.get(frequency, Waiting())

    def is_due(self, frequency: Frequency, now: datetime) -> bool:
        """Whether a digest has been due since its first update came, also if it was days ago."""
        since = self.updates_for(frequency).since
        return since is not None and since <= self.times.latest(frequency, now)

    def due(self, now: datetime) -> Sequence[Frequency]:
        """The kinds of digests that are due."""
        return [each for each in DIGESTS if self.is_due(each, now)]

    def digest_name(self, frequency: Frequency, now: datetime) -> str:
        """The name of the digest made at `now`, by the day that it was due: `week-2026-03-09`."""
        return digest_name(frequency, self.times.latest_day(frequency, now))

    @property
    def underway(self) -> Collection[str]:
        """The names of all updates that somebody may still be sent."""
        waiting = {name for each in self.waiting.values() for name in each.names}
        return waiting | {each.update_name for each in self.sendings}


def digest_name(frequency: Frequency, day: date) -> str:
    """The name of the digest that is due on a day of its petition's zone."""
    return f"{_PREFIXES[frequency]}{day.isoformat()}"


def is_name(name: str) -> bool:
    """Whether this is the name of a digest; no update may have such a name."""
    return bool(DIGEST_NAME.fullmatch(name))


def frequency_of(name: str) -> Frequency:
    """Of the name of an update or digest: to which subscribers it is sent."""
    for frequency, prefix in _PREFIXES.items():
        if is_name(name) and name.startswith(prefix):
            return frequency
    return Frequency.EACH


def title_of(name: str) -> str:
    """What organisers call the digest of this name."""
    day = day_of(name)
    return f"The {FREQUENCIES[frequency_of(name)]} digest of {day.day} {day:%B %Y}"


def day_of(name: str) -> date:
    """The day on which the digest of this name is due. Raises ValueError for any other text."""
    return date.fromisoformat(name.removeprefix(_PREFIXES.get(frequency_of(name), "")))
