"""The weekly digest: when it is due, its name, and the updates that it will hold.

A digest is an alert to weekly subscribers. It holds every update that was sent to the other
subscribers since the digest before it. Who has changed the frequency meanwhile gets a copy of those
updates only that were not sent to them at once.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.petitions.update import DIGEST_NAME, Update

DUE_TIME: Final = time(9, tzinfo=UTC)
"""On Mondays: noon in Minsk, morning in the rest of Europe, so that no phone lights up at night."""


@dataclass(frozen=True, kw_only=True)
class PendingDigest:
    """The updates that the next digest of a petition will hold, in the order of their alerts.

    `since` (aware UTC) is when the first of these alerts was started.
    """

    slug: str
    update_names: tuple[str, ...]
    since: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether a digest has been due since then, also if it was several weeks ago."""
        return self.since < latest(now)

    def digest_name(self, now: datetime) -> str:
        """The name of the digest made at `now`, by its Monday: `week-2026-03-09`."""
        return digest_name(latest(now))


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The updates of one digest, in the order of their alerts."""

    updates: tuple[Update, ...]


def latest(now: datetime) -> datetime:
    """The last moment up to `now` (aware) at which digests were due, in UTC."""
    now = now.astimezone(UTC)
    moment = datetime.combine(now.date() - timedelta(days=now.weekday()), DUE_TIME)
    return moment if moment <= now else moment - timedelta(weeks=1)


def following(now: datetime) -> datetime:
    """The first moment after `now` (aware) at which digests are due, in UTC."""
    return latest(now) + timedelta(weeks=1)


def digest_name(moment: datetime) -> str:
    """The name of the digest that is due at `moment`."""
    return f"week-{moment.date().isoformat()}"


def due_at(name: str) -> datetime:
    """The moment at which the digest of this name is due. Raises ValueError for any other text."""
    return datetime.combine(date.fromisoformat(name.removeprefix("week-")), DUE_TIME)


def is_name(name: str) -> bool:
    """Whether this is the name of a digest; no update may have such a name."""
    return bool(DIGEST_NAME.fullmatch(name))
