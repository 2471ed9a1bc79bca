"""Handing in: the report for the petition's target, and the day on which it was handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import hand_in
from chalicelib.domain.petitions.hand_in import HandIn
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import desk_urls, hand_in_report, milestone_texts, translations, urls
from chalicelib.rendering.hand_in_report import HandInReport
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import handing_in

blueprint = Blueprint(__name__)
route = access.router(blueprint)
_PART: Final = "hand-in"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HandInNews:
    """The update that marking a petition handed in mails to subscribers, in one language."""

    code: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HandInPage(DeskPage):
    """What can be handed in, and a form that marks the petition handed in.

    `reports` are names of languages and paths. `news` is what marking it mails; `needs_approval`:
    only once a second organiser has approved it. `day` is what was typed, and `errors` what is
    wrong with it.
    """

    template: ClassVar[str] = "hand_in.html"
    count: int
    reports: Sequence[tuple[str, str]]
    handed_in_on: date | None
    may_mark: bool
    news: Sequence[HandInNews]
    needs_approval: bool
    updates: str
    action: str
    slug: str
    day: str
    errors: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HandInReportPage(DeskPage):
    """The report, to be printed or saved as a PDF."""

    template: ClassVar[str] = "hand_in_report.html"
    report: HandInReport
    back: str


@route("/desk/petitions/{slug}/hand-in", permission=Permission.VIEW)
def show_hand_in(request: DeskRequest, slug: str) -> Response:
    """What can be handed in."""
    return _page(request, handing_in.prepare(request.services, slug))


@route("/desk/petitions/{slug}/hand-in/{language}", permission=Permission.VIEW)
def show_report(request: DeskRequest, slug: str, language: str) -> Response:
    """The report in a language of the petition, else in its first."""
    prepared = handing_in.prepare(request.services, slug)
    code = prepared.petition.language(language)
    address = request.services.settings.public_url + urls.petition(code, slug)
    report = hand_in_report.report(prepared, code, address)
    contents = HandInReportPage(
        layout=pages.layout(request, report.title),
        report=report,
        back=desk_urls.petition(slug, _PART),
    )
    return pages.page(request, contents)


@route(
    "/desk/petitions/{slug}/hand-in", methods=["POST"], permission=Permission.STEWARD, touch=True
)
def mark_handed_in(request: DeskRequest, slug: str) -> Response:
    """Mark the petition handed in on a day."""
    prepared = handing_in.prepare(request.services, slug)
    typed = request.fields.get("day", "")
    try:
        day = hand_in.parse_day(typed, prepared.petition, request.services.now().date())
    except InvalidForm as invalid:
        return _page(request, prepared, typed=typed, invalid=invalid)
    request.record(Act.HAND_IN, day.isoformat())
    handing_in.mark_handed_in(request.services, slug, day)
    return pages.see_other(desk_urls.petition(slug, _PART))


def _page(
    request: DeskRequest,
    prepared: HandIn,
    *,
    typed: str = "",
    invalid: InvalidForm | None = None,
) -> Response:
    petition, languages = prepared.petition, translations.languages()
    path = desk_urls.petition(petition.slug, _PART)
    errors = invalid.errors if invalid else {}
    handed_in_on = petition.handed_in_on
    contents = HandInPage(
        layout=pages.layout(request, "Hand in"),
        count=prepared.figures.count,
        reports=[(languages[code].name, f"{path}/{code}") for code in petition.languages],
        handed_in_on=handed_in_on,
        may_mark=request.may(Permission.STEWARD),
        news=_news(petition, request.services.now().date()),
        needs_approval=ApprovalKind.SENDING in petition.approvals,
        updates=desk_urls.petition(petition.slug, "updates"),
        action=path,
        slug=petition.slug,
        day=typed or (handed_in_on.isoformat() if handed_in_on else ""),
        errors={
            name: translations.translate(message, translations.SOURCE_LANGUAGE)
            for name, message in errors.items()
        },
    )
    return pages.page(request, contents, status=422 if invalid else 200)


def _news(petition: Petition, today: date) -> Sequence[HandInNews]:
    """What is mailed, as if it was handed in today; empty if the petition wants no such news."""
    if Milestone.HANDED_IN not in petition.milestones:
        return ()
    marked = replace(petition, handed_in_on=petition.handed_in_on or today)
    texts = milestone_texts.texts_of(marked, Occasion(milestone=Milestone.HANDED_IN))
    return [
        HandInNews(
            code=code,
            language=translations.languages()[code].name,
            title=text.title,
            text=text.text,
        )
        for code, text in texts.items()
    ]
