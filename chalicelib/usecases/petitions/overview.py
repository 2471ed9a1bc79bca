"""How a petition gets on, from counters that others keep: the same calls whatever its size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib import cached
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.pacing import Pace
from chalicelib.domain.audience import AudienceFigures
from chalicelib.domain.integrity.breakdown import Breakdown
from chalicelib.domain.integrity.tally import Tally
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.domain.petitions import funnel, health, progress
from chalicelib.domain.petitions.funnel import DayFigures, Funnel, Stage
from chalicelib.domain.petitions.health import HealthFinding
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.mail import job_queue
from chalicelib.store import keys
from chalicelib.store.alerts import alerts, pacing
from chalicelib.store.integrity import breakdowns, public_figures, tallies
from chalicelib.store.petitions import audiences, funnels
from chalicelib.usecases.petitions import unsent_updates
from chalicelib.usecases.petitions.unsent_updates import UnapprovedUpdate
from chalicelib.wiring import Services

FUNNEL_DAYS: Final = 7
COMPLAINT_DAYS: Final = funnels.KEPT.days
_MAX_ALERTS: Final = 100
"""More than are sent in 40 days with a daily and a weekly digest and an update each day."""
DAYS_SHOWN: Final = 60
_UNDERWAY: Final = (AlertState.OPEN, AlertState.PAUSED)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A petition in figures, exact as of its last counted change.

    `funnel` is of the last seven days, today included. `complaints` by kind of provider are of the
    last 40, in which `sent` mails went out: those that answer sign forms, and news. `audience` is
    as of the last night, None before the first one. `alerts` are open or paused. `mails_waiting` is
    about how many single mails are on the queue, of all petitions. `looked_at` is when the clock
    last looked. `unapproved` updates and `waiting_exports` wait for a second organiser.
    `is_destroyed`: nothing is kept any more of signers and subscribers.
    """

    petition: Petition
    now: datetime
    tally: Tally
    breakdown: Breakdown
    funnel: Funnel
    complaints: Mapping[ProviderKind, int]
    sent: int
    audience: AudienceFigures | None
    alerts: Sequence[Alert]
    pace: Pace
    mails_waiting: int
    looked_at: datetime
    unapproved: Sequence[UnapprovedUpdate]
    waiting_exports: Sequence[Approval]
    is_destroyed: bool

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self.now.astimezone(UTC).date()

    @property
    def has_ended(self) -> bool:
        """Whether nobody can sign any more."""
        return self.petition.state(self.now) is PetitionState.CLOSED

    @property
    def findings(self) -> Sequence[HealthFinding]:
        """What works and what does not, in words."""
        return [
            *health.of_switches(self.petition.switches),
            health.of_mails(self.pace, self.mails_waiting, self.now),
            *health.of_providers(self.funnel),
            health.of_complaints(sum(self.complaints.values()), self.sent, COMPLAINT_DAYS),
            *health.of_alerts(self.alerts),
            *(
                health.of_unapproved(each.update, self.now, each.asked_by)
                for each in self.unapproved
            ),
            *map(health.of_waiting_export, self.waiting_exports),
            health.of_clock(self.looked_at, self.now),
            health.of_night(self.audience.counted_at if self.audience else None, self.now),
        ]

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

    Two queries and four reads by key, whatever is stored; one more if news was ever mailed, one
    once the petition has closed, a query if it requires approvals, and what `unsent_updates` reads.
    Raises NotFound, Unavailable.
    """
    petition = cached.petition(services, slug)
    table, now = services.petitions, services.now()
    items = {item[keys.SK]: item for item in table.items_of(keys.figures(slug))}
    audience = items.get(keys.audience(slug)[keys.SK])
    days = [funnels.from_item(item) for name, item in items.items() if _is_day(name)]
    month = funnel.of_days(_recent(days, now, COMPLAINT_DAYS))
    waiting = unsent_updates.list_waiting(services, petition)
    newest = alerts.find_many(table, alerts.list_of_petition(table, slug)[:_MAX_ALERTS])
    return Overview(
        petition=petition,
        now=now,
        tally=tallies.get(table, slug),
        breakdown=breakdowns.from_item(items.get(keys.signature_figures(slug)[keys.SK], {})),
        funnel=funnel.of_days(_recent(days, now, FUNNEL_DAYS)),
        complaints=month.complaints,
        sent=month.total(Stage.MAILED) + _mailed_since(newest, now - funnels.KEPT),
        audience=audiences.from_item(audience) if audience else None,
        alerts=[each for each in reversed(newest) if each.state in _UNDERWAY],
        pace=pacing.find(table),
        mails_waiting=job_queue.waiting(services.sqs, services.settings.mail_queue_url),
        looked_at=public_figures.last_look(table).at,
        unapproved=unsent_updates.list_unapproved(services, petition, waiting),
        waiting_exports=[each for each in waiting if each.kind is ApprovalKind.EXPORTS],
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


def _recent(days: Sequence[DayFigures], now: datetime, count: int) -> Sequence[DayFigures]:
    first = (now - timedelta(days=count - 1)).astimezone(UTC).date()
    return [each for each in days if each.day >= first]


def _mailed_since(newest: Sequence[Alert], since: datetime) -> int:
    """The mails of the alerts that have started since then."""
    return sum(each.totals[Outcome.SENT] for each in newest if each.started_at >= since)
