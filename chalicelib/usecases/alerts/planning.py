"""Tells who would get an update and how long its sending would take, before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.alerts import pacing
from chalicelib.domain.audience import AudienceFigures
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Frequency
from chalicelib.protection import sending_rate
from chalicelib.store import keys
from chalicelib.store.petitions import audiences, funnels
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class SendingPlan:
    """The subscribers as of the last night's count, None before the first one.

    `end` is when those are through who get it at once, by the pace of now, from the time that is
    set or else from now; None if the daily quota
    of SES leaves no room. `days` are those on which they are mailed. `stopped` says why sending
    stands still, "" if it does not.
    """

    audience: AudienceFigures | None
    about: int
    """Before the first count: how many took the news as they signed."""
    at_once: int
    in_digests: int
    missing: Mapping[str, int]
    """Subscribers by a language in which the update has no text."""
    end: datetime | None
    days: int
    stopped: str


def plan(services: Services, update: Update) -> SendingPlan:
    """What sending an update would mean now: two reads, and a query before the first count.

    Raises Unavailable.
    """
    audience, now = audiences.find(services.petitions, update.slug), services.now()
    pace = sending_rate.current(services)
    at_once = audience.by_frequency.get(Frequency.EACH, 0) if audience else 0
    by_language = audience.by_language if audience else {}
    return SendingPlan(
        audience=audience,
        about=0 if audience else _about(services, update.slug),
        at_once=at_once,
        in_digests=audience.count - at_once if audience else 0,
        missing={code: count for code, count in by_language.items() if code not in update.texts},
        end=pacing.expected_end(pace, at_once, max(now, update.send_at or now)),
        days=pacing.days_needed(pace, at_once) or 0,
        stopped=pace.stop.reason if pace.stop else "",
    )


def _about(services: Services, slug: str) -> int:
    items = services.petitions.items_of(keys.figures(slug), prefix=keys.FUNNEL)
    return funnel.of_days(map(funnels.from_item, items)).news
