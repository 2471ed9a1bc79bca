"""The weekly digest: when it is made, what it is called, and what waits for it.

A digest is an alert of its own, to those who want one mail a week: it holds every update that was
sent to the others since the digest before it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from chalicelib.domain.subscriber import Frequency
from chalicelib.domain.update import DIGEST_NAME, Update, split_id

DUE_TIME: Final = time(9, tzinfo=UTC)
"""On Mondays: noon in Minsk, morning in the rest of Europe. No telephone lights up at night, or at
the weekend in the middle of the family, to show that there is a mail."""


@dataclass(frozen=True, kw_only=True)
class PendingDigest:
    """The updates of a petition that the next digest will hold, as they were sent.

    `since` (aware UTC) is the moment at which the first of them began to be sent.
    """

    slug: str
    update_names: tuple[str, ...]
    since: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether a Monday has come since then; after downtime it may be several ago."""
        return self.since < latest(now)

    def digest_id(self, now: datetime) -> str:
        """What the digest made at `now` is called, by its Monday: `<slug>/week-2026-03-09`."""
        return digest_id(self.slug, latest(now))


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The updates of one digest, in the order in which they were sent."""

    slug: str
    name: str
    updates: tuple[Update, ...]


def latest(now: datetime) -> datetime:
    """The last moment up to `now` (aware) at which digests were to be made, in UTC."""
    now = now.astimezone(UTC)
    moment = datetime.combine(now.date() - timedelta(days=now.weekday()), DUE_TIME)
    return moment if moment <= now else moment - timedelta(weeks=1)


def following(now: datetime) -> datetime:
    """The first moment after `now` (aware) at which digests are to be made, in UTC."""
    return latest(now) + timedelta(weeks=1)


def digest_id(slug: str, moment: datetime) -> str:
    """What the digest of a petition that is due at `moment` is called."""
    return f"{slug}/week-{moment.date().isoformat()}"


def is_name(name: str) -> bool:
    """Whether an alert of this name is a digest; no update may be called so."""
    return bool(DIGEST_NAME.fullmatch(name))


def audience(alert_id: str) -> Frequency:
    """Whom an alert is for. Raises ValueError when this is not the id of one."""
    _, name = split_id(alert_id)
    return Frequency.WEEKLY if is_name(name) else Frequency.EACH
