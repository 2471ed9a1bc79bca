"""The home of the desk: the organiser's petitions, and what waits for somebody on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers import roles as role_rules
from chalicelib.domain.organisers.approval import APPROVERS, Approval, ApprovalKind
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.switches import Switch
from chalicelib.rendering import desk_urls, translations
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import listing_petitions
from chalicelib.usecases.organisers.listing_petitions import OwnPetition
from chalicelib.usecases.petitions import beginning

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_STATES: Final[Mapping[PetitionState, tuple[str, str]]] = {
    PetitionState.OPEN: ("Open", "good"),
    PetitionState.UPCOMING: ("Not open yet", "warning"),
    PetitionState.CLOSED: ("Closed", ""),
}
_SIGNING_PAUSED: Final = ("Open, signing paused", "warning")
_DRAFT: Final = ("Draft, not published", "warning")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WaitingLink:
    """Something that waits for somebody, and where it is decided."""

    label: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionCard:
    """A petition in the list. `kind` is the colour of its state; `count` is None for a draft."""

    title: str
    href: str
    state: str
    kind: str
    period: str
    count: int | None
    roles: str
    waiting: Sequence[WaitingLink]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HomePage(DeskPage):
    """The petitions of an organiser. `new` is where one begins, "" for who may begin none."""

    template: ClassVar[str] = "home.html"
    petitions: Sequence[PetitionCard]
    new: str


@route(desk_urls.HOME)
def show_home(request: DeskRequest) -> Response:
    """The petitions on which the organiser has a role."""
    own = listing_petitions.list_own(request.services, request.session.organiser_id)
    contents = HomePage(
        layout=pages.layout(request, "Your petitions"),
        petitions=[_card(request, each) for each in own],
        new=desk_urls.NEW if beginning.may_begin(request.services, request.actor.id) else "",
    )
    return pages.page(request, contents)


def _card(request: DeskRequest, own: OwnPetition) -> PetitionCard:
    petition = own.petition
    label, kind = _state(petition, request.services.now()) if petition else _DRAFT
    return PetitionCard(
        title=petition.text(petition.languages[0]).title if petition else own.title or own.slug,
        href=desk_urls.petition(own.slug, "" if petition else "write"),
        state=label,
        kind=kind,
        period=_period(request, own),
        count=own.count if petition else None,
        roles=", ".join(sorted(own.roles)),
        waiting=_waiting(request, own),
    )


def _state(petition: Petition, now: datetime) -> tuple[str, str]:
    state = petition.state(now)
    if state is PetitionState.OPEN and not petition.switches.is_on(Switch.SIGNING):
        return _SIGNING_PAUSED
    return _STATES[state]


def _period(request: DeskRequest, own: OwnPetition) -> str:
    if own.petition is None:
        return ""
    opens_on, closes_on = (
        translations.format_date(day, request.language.code)
        for day in (own.petition.opens_on, own.petition.closes_on)
    )
    return f"{opens_on} to {closes_on}"


def _waiting(request: DeskRequest, own: OwnPetition) -> Sequence[WaitingLink]:
    return [_link(request, own, approval) for approval in own.waiting]


def _link(request: DeskRequest, own: OwnPetition, approval: Approval) -> WaitingLink:
    if approval.kind is ApprovalKind.SENDING:
        what = f"update “{approval.subject}”"
        href = desk_urls.update(own.slug, approval.subject, "send")
    else:
        what = "a list of signatures"
        href = desk_urls.petition(own.slug, f"signatures/{approval.subject}")
    if not approval.may_be_approved_by(request.session.organiser_id):
        label = f"Waits for another’s approval: {what}; you asked for it"
    elif role_rules.may(own.roles, APPROVERS[approval.kind]):
        label = f"Waits for your approval: {what}; {approval.asked_by.name} asked for it"
    else:
        label = f"Waits for approval: {what}; {approval.asked_by.name} asked for it"
    return WaitingLink(label=label, href=href)
