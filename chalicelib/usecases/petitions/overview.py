"""How a petition gets on, from counters that others keep: the same calls whatever its size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib import cached
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.pacing import Pace
from chalicelib.domain.audience import AudienceFigures
from chalicelib.domain.integrity.breakdown import Breakdown
from chalicelib.domain.integrity.tally import Tally
from chalicelib.domain.petitions import funnel, progress
from chalicelib.domain.petitions.funnel import DayFigures, Funnel, Stage
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.update import Update
from chalicelib.mail import job_queue
from chalicelib.store import keys
from chalicelib.store.alerts import alerts, pacing
from chalicelib.store.integrity import breakdowns, public_figures, tallies
from chalicelib.store.petitions import audiences, funnels
from chalicelib.usecases.petitions import unsent_updates
from chalicelib.wiring import Services

FUNNEL_DAYS: Final = 7
DAYS_SHOWN: Final = 60


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A petition in figures, exact as of its last counted change.

    `funnel` is of the last seven days, today included. `audience` is as of the last night, None
    before the first one. `alerts` are those that are not complete. `mails_waiting` is about how
    many single mails are on the queue, of all petitions. `looked_at` is when the clock last looked.
    `unapproved` updates wait for a second organiser. `is_destroyed`: nothing is kept any more of
    signers and subscribers.
    """

    petition: Petition
    today: date
    tally: Tally
    breakdown: Breakdown
    funnel: Funnel
    audience: AudienceFigures | None
    alerts: Sequence[Alert]
    pace: Pace
    mails_waiting: int
    looked_at: datetime
    unapproved: Sequence[Update]
    is_destroyed: bool

    @property
    def stages(self) -> Mapping[Stage, int]:
        """The funnel in all; what is confirmed, or held, as the stream has counted it exactly."""
        first = progress.week_before(self.today)
        by_day = (*self.breakdown.confirmed.items(), *self.breakdown.held.items())
        confirmed = sum(count for day, count in by_day if day >= first)
        return {
            stage: confirmed if stage is Stage.CONFIRMED else self.funnel.total(stage)
            for stage in Stage
        }


def show(services: Services, slug: str) -> Overview:
    """The figures of a petition now.

    Two queries, four reads by key, and one for each alert that is not complete; one more once the
    petition has closed, and what `unsent_updates` reads.
    Raises NotFound, Unavailable.
    """
    petition = cached.petition(services, slug)
    table, now = services.petitions, services.now()
    items = {item[keys.SK]: item for item in table.items_of(keys.figures(slug))}
    audience = items.get(keys.audience(slug)[keys.SK])
    days = [funnels.from_item(item) for name, item in items.items() if _is_day(name)]
    found = (alerts.get(table, alert_id) for alert_id in alerts.list_open(table, slug))
    return Overview(
        petition=petition,
        today=now.astimezone(UTC).date(),
        tally=tallies.get(table, slug),
        breakdown=breakdowns.from_item(items.get(keys.signature_figures(slug)[keys.SK], {})),
        funnel=funnel.of_days(_recent(days, now)),
        audience=audiences.from_item(audience) if audience else None,
        alerts=sorted(found, key=lambda alert: alert.started_at),
        pace=pacing.find(table),
        mails_waiting=job_queue.waiting(services.sqs, services.settings.mail_queue_url),
        looked_at=public_figures.last_look(table).at,
        unapproved=[each.update for each in unsent_updates.list_unapproved(services, petition)],
        is_destroyed=petition.state(now) is PetitionState.CLOSED and tallies.is_frozen(table, slug),
    )


@dataclass(frozen=True, kw_only=True)
class Held:
    """Held signatures in numbers, as of the last counted change; `days` of the last 60."""

    count: int
    reasons: Mapping[str, int]
    days: Mapping[date, int]
    has_countries: bool


def held(services: Services, slug: str) -> Held:
    """The held signatures of a petition: one read by key. Raises NotFound, Unavailable."""
    petition = cached.petition(services, slug)
    breakdown = breakdowns.get(services.petitions, slug)
    today = services.now().astimezone(UTC).date()
    days = progress.every_day(breakdown.held, today)
    return Held(
        count=sum(breakdown.held.values()),
        reasons=breakdown.reasons,
        days=dict(list(days.items())[-DAYS_SHOWN:]),
        has_countries=petition.publishes_countries,
    )


def _is_day(name: str) -> bool:
    return name.startswith(keys.FUNNEL)


def _recent(days: Sequence[DayFigures], now: datetime) -> Sequence[DayFigures]:
    first = (now - timedelta(days=FUNNEL_DAYS - 1)).astimezone(UTC).date()
    return [each for each in days if each.day >= first]
