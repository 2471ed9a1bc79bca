"""An update: news that an organiser publishes on a petition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final

from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.schedule import ZonedMoment

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
DIGEST_NAME: Final = re.compile(r"(?:day|week)-\d{4}-\d{2}-\d{2}")
"""The names of digests, which no update may have."""
MILESTONE_NAME: Final = re.compile(r"goal-[0-9]+|closing-in-a-week|handed-in")
"""The names of the updates that the service writes at milestones, which no other may have."""


class OnDoubt(StrEnum):
    """What becomes of recipients of whom nobody knows whether they were mailed.

    Their organiser decides, or they are not mailed again.
    """

    ASK = "ask"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class UpdateText:
    """An update in one language: `html` is rendered and safe, `text` is for plain-text mail."""

    title: str
    summary: str
    html: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """News on the petition `slug`, mailed at `send_at` (aware UTC), or never if that is None.

    `send_zone` is the zone in which people are shown `send_at`. `automatic`: the service has
    written it, at a milestone. `changed_at` (aware UTC) is when a text was last amended after the
    first publication, or None.
    """

    slug: str
    name: str
    published_on: date
    texts: Mapping[str, UpdateText]
    send_at: datetime | None = None
    send_zone: str = "UTC"
    automatic: bool = False
    changed_at: datetime | None = None
    on_doubt: OnDoubt = OnDoubt.ASK

    def __post_init__(self) -> None:
        schedule.zone_of(self.send_zone)
        if DIGEST_NAME.fullmatch(self.name):
            raise ValueError("this is the name of a digest")
        if self.automatic != bool(MILESTONE_NAME.fullmatch(self.name)):
            raise ValueError("only the updates of milestones have such names")
        if any(moment and moment.tzinfo is None for moment in (self.send_at, self.changed_at)):
            raise ValueError("a moment needs its time zone")

    def __hash__(self) -> int:
        # Short fields that differ for most updates; equality compares all fields.
        return hash((self.slug, self.name))

    @property
    def id(self) -> str:
        """The id that organisers type: `<slug>/<name>`."""
        return f"{self.slug}/{self.name}"

    @property
    def time_to_send(self) -> ZonedMoment | None:
        """When it is mailed, None if never by itself."""
        return ZonedMoment(at=self.send_at, zone=self.send_zone) if self.send_at else None

    @property
    def updated_at(self) -> datetime:
        """When readers last got something new: its day at midnight UTC, or the last amendment."""
        published_at = datetime.combine(self.published_on, time.min, UTC)
        return max(published_at, self.changed_at or published_at)

    @property
    def sending_shown(self) -> str:
        """When it is mailed, as people read it; "" if never."""
        return schedule.shown(self.send_at, self.send_zone) if self.send_at else ""

    def is_dated_after(self, now: datetime) -> bool:
        """Whether its day is still to come in its zone: nobody is mailed news of tomorrow."""
        return self.published_on > now.astimezone(schedule.zone_of(self.send_zone)).date()

    def is_late(self, now: datetime) -> bool:
        """Whether it was to be mailed before `now`: published anew, it would be mailed at once."""
        return self.send_at is not None and self.send_at < now

    def published_after(self, current: "Update | None", *, now: datetime) -> "Update":
        """This update as it is published at `now` in place of the current one, if there is one.

        Only another text is a change: a new day or time to send is not.
        """
        if current is None:
            return replace(self, changed_at=None)
        changed_at = current.changed_at if self.texts == current.texts else now.astimezone(UTC)
        return replace(self, changed_at=changed_at)

    def timed(self, at: ZonedMoment | None) -> "Update":
        """This update, to be mailed at a moment, or never by itself."""
        if at is None:
            return replace(self, send_at=None, send_zone="UTC")
        return replace(self, send_at=at.at, send_zone=at.zone)

    def text(self, language: str) -> UpdateText:
        """The text in `language`, else in the first language of the update."""
        return self.texts.get(language) or next(iter(self.texts.values()))

    def language(self, preferred: str) -> str:
        """The language of `text(preferred)`."""
        return preferred if preferred in self.texts else next(iter(self.texts))


def split_id(typed: str) -> tuple[str, str]:
    """Split `<slug>/<name>` of an update or a digest. Raises ValueError."""
    slug, slash, name = typed.partition("/")
    if not (slash and NAME.fullmatch(slug) and NAME.fullmatch(name)):
        raise ValueError("an update's id looks like petition/update-name")
    return slug, name
