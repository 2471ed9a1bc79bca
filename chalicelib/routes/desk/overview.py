"""The overview of a petition: how it gets on, in figures, and whether all is well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.petitions import health, progress
from chalicelib.domain.petitions.funnel import MINIMUM, Stage
from chalicelib.domain.petitions.health import HealthFinding
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.progress import Goal
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.subscriber import Frequency
from chalicelib.rendering import charts, desk_urls, translations, urls
from chalicelib.rendering.charts import BarChart, LineChart, RankedBar
from chalicelib.routes.desk import access, held_reasons, pages, tabs
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.unpublished import explained
from chalicelib.usecases.petitions import overview
from chalicelib.usecases.petitions.overview import Overview

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_FREQUENCIES: Final = {
    Frequency.EACH: "each update",
    Frequency.DAILY: "once a day",
    Frequency.WEEKLY: "once a week",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Subscribers:
    """The subscribers of the last night's count. New and gone ones are of the last seven days."""

    count: int
    new: int
    gone: int
    by_language: Sequence[RankedBar]
    by_frequency: Sequence[RankedBar]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Complaints:
    """Mails that were marked as spam in the last `days`. `by_kind` starts with ten of one kind."""

    count: int
    days: int
    by_kind: Sequence[RankedBar]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OverviewPage(DeskPage):
    """A petition in figures. `per_day` is the average of the days that `per_day_of` names.

    `findings` have the path and the name of the part where something is done about them, or "".
    `public_from`: while the public sees none, from how many signatures it may, and from how many it
    does for sure.

    `held_page` is "" for those who may not open it. `links` lead to the public pages, by language.

    `providers` are kinds of mail providers, and their numbers by stage. `tells_goals`: the service
    writes news of each goal.
    """

    template: ClassVar[str] = "overview.html"
    findings: Sequence[tuple[HealthFinding, str, str]]
    links: Sequence[tuple[str, str]]
    state: str
    signing_paused: bool
    closes_on: date
    count: int
    today: int
    per_day: str
    per_day_of: str
    public_count: int
    public_from: tuple[int, int] | None
    held: int
    held_page: str
    has_signatures: bool
    has_line: bool
    days: BarChart
    total: LineChart
    goals: Sequence[Goal]
    countries: Sequence[RankedBar]
    languages: Sequence[RankedBar]
    has_forms: bool
    funnel: Sequence[RankedBar]
    providers: Sequence[tuple[str, Sequence[int]]]
    reasons: Sequence[RankedBar]
    subscribers: Subscribers | None
    complaints: Complaints
    is_destroyed: bool
    tells_goals: bool


@route(desk_urls.petition("{slug}"), permission=Permission.VIEW)
@explained
def show_overview(request: DeskRequest, slug: str) -> Response:
    """How a petition gets on."""
    return pages.page(request, _contents(request, overview.show(request.services, slug)))


def _contents(request: DeskRequest, shown: Overview) -> OverviewPage:
    petition, today = shown.petition, shown.today
    days = progress.every_day(shown.breakdown.confirmed, today)
    state = petition.state(request.services.now())
    paced = progress.paced_days(petition.opens_on, days, today)
    per_day = progress.pace(days, today, of=paced)
    stewards = request.may(Permission.STEWARD)
    recent = dict(list(days.items())[-overview.DAYS_SHOWN :])
    names = translations.countries(translations.SOURCE_LANGUAGE)
    countries = {names.get(code, "not given"): n for code, n in shown.tally.countries.items()}
    return OverviewPage(
        layout=pages.layout(request, "Overview"),
        findings=[_linked(request, petition.slug, each) for each in shown.findings],
        links=_links(request.services.settings.public_url, petition),
        state=state,
        signing_paused=state is PetitionState.OPEN and not petition.switches.is_on(Switch.SIGNING),
        closes_on=petition.closes_on,
        count=shown.tally.count,
        today=days.get(today, 0),
        per_day=f"{per_day:,.0f}" if per_day >= 10 or not per_day else f"{per_day:.1f}",
        per_day_of=f"on average of {paced} days with today" if paced > 1 else "today is the first",
        public_count=shown.tally.public.count,
        public_from=_public_from(request, shown),
        held=sum(shown.breakdown.held.values()),
        held_page=desk_urls.petition(petition.slug, "held") if stewards else "",
        has_signatures=any(days.values()),
        has_line=len(days) > 1,
        days=charts.bar_chart(recent),
        total=charts.line_chart(progress.cumulative(days), petition.goals),
        goals=progress.goals(petition.goals, days, per_day=per_day, today=today),
        countries=_ranked(countries, request) if petition.publishes_countries else (),
        languages=_ranked(_named(shown.funnel.languages), request),
        has_forms=any(shown.stages.values()),
        funnel=charts.ranked_bars({_STAGES[stage]: count for stage, count in shown.stages.items()}),
        providers=[
            (health.PROVIDERS[kind], [stages[each] for each in Stage])
            for kind, stages in shown.funnel.by_kind.items()
            if stages[Stage.ASKED] >= MINIMUM
        ],
        reasons=charts.ranked_bars(held_reasons.named(shown.breakdown.reasons)),
        subscribers=None if shown.is_destroyed else _subscribers(shown, request),
        complaints=_complaints(shown, request),
        is_destroyed=shown.is_destroyed,
        tells_goals=Milestone.GOAL in petition.milestones,
    )


def _linked(
    request: DeskRequest, slug: str, finding: HealthFinding
) -> tuple[HealthFinding, str, str]:
    name = tabs.name_of(finding.part, request.allowed) if finding.part else ""
    return finding, desk_urls.petition(slug, finding.part) if name else "", name


def _public_from(request: DeskRequest, shown: Overview) -> tuple[int, int] | None:
    """The fewest signatures that the public may see, and how many it sees for sure."""
    step = request.services.settings.count_step
    if shown.tally.public.count or step == 1 or shown.has_ended:
        return None
    return step, 2 * step - 1


def _links(public_url: str, petition: Petition) -> Sequence[tuple[str, str]]:
    names = translations.languages()
    return [
        (public_url + urls.petition(code, petition.slug), names[code].name)
        for code in petition.languages
    ]


_STAGES: Final = {
    Stage.ASKED: "Forms that were taken",
    Stage.MAILED: "Mails that went out",
    Stage.BOUNCED: "Mails that came back",
    Stage.CONFIRMED: "Signatures that were confirmed",
}


def _complaints(shown: Overview, request: DeskRequest) -> Complaints:
    by_kind = {health.PROVIDERS[kind]: count for kind, count in shown.complaints.items()}
    return Complaints(
        count=sum(by_kind.values()),
        days=overview.COMPLAINT_DAYS,
        by_kind=_ranked(by_kind, request),
    )


def _subscribers(shown: Overview, request: DeskRequest) -> Subscribers | None:
    audience = shown.audience
    if audience is None:
        return None
    since = progress.week_before(shown.today)
    return Subscribers(
        count=audience.count,
        new=sum(n for day, n in audience.started.items() if day >= since),
        gone=sum(n for day, n in audience.ended.items() if day >= since),
        by_language=_ranked(_named(audience.by_language), request),
        by_frequency=charts.ranked_bars(
            {label: audience.by_frequency.get(name, 0) for name, label in _FREQUENCIES.items()}
        ),
    )


def _named(by_language: Mapping[str, int]) -> Mapping[str, int]:
    known = translations.languages()
    return {
        known[code].name if code in known else code: count for code, count in by_language.items()
    }


def _ranked(figures: Mapping[str, int], request: DeskRequest) -> Sequence[RankedBar]:
    """Bars of at least ten, the largest first, and the others together; none of others alone."""
    shown, others = progress.from_ten_up(figures, minimum=request.services.settings.country_minimum)
    if not shown:
        return ()
    return charts.ranked_bars({**shown, **({"others": others} if others else {})})
