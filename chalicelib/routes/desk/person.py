"""The page of one person who works on a petition: roles, invitation, recovery, removal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Permission
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, role_choices
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.role_choices import RoleChoice
from chalicelib.usecases.organisers import assigning, inviting
from chalicelib.usecases.organisers.assigning import Member, NotASteward

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_NO_ROLE: Final = (
    "Nothing was changed. Choose at least one role, or use “Remove” below to take all of them."
)
NOT_MAILED: Final = "The invitation stands, but its mail could not be sent now. Send it again."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PersonPage(DeskPage):
    """The roles of one person, and what else a steward may do for them."""

    template: ClassVar[str] = "person.html"
    name: str
    waits: bool
    choices: Sequence[RoleChoice]
    problem: str
    change: str
    invite_again: str
    recover: str


@route(desk_urls.organiser("{slug}", "{organiser}"), permission=Permission.STEWARD)
def show_person(request: DeskRequest, slug: str, organiser: str) -> Response:
    """The roles of one person."""
    return show(request, slug, organiser)


@route(
    desk_urls.organiser("{slug}", "{organiser}"),
    methods=["POST"],
    permission=Permission.STEWARD,
    touch=True,
)
def change_roles(request: DeskRequest, slug: str, organiser: str) -> Response:
    """Replace the roles of somebody; only the button that says so removes the person."""
    if not role_choices.chosen(request.fields) and "remove" not in request.fields:
        return show(request, slug, organiser, problem=_NO_ROLE)
    return _for_member(request, slug, organiser, lambda one: change(request, slug, one))


@route(
    desk_urls.organiser("{slug}", "{organiser}", "invite-again"),
    methods=["POST"],
    permission=Permission.STEWARD,
    touch=True,
)
def invite_again(request: DeskRequest, slug: str, organiser: str) -> Response:
    """Mail a new link to somebody who has not entered yet."""

    def mail(one: OrganiserAccount) -> Response:
        mailed = inviting.invite_again(request.services, by=request.actor, slug=slug, organiser=one)
        return _mailed(request, slug, one, mailed=mailed)

    return _for_member(request, slug, organiser, mail)


@route(
    desk_urls.organiser("{slug}", "{organiser}", "recover"),
    methods=["POST"],
    permission=Permission.STEWARD,
    touch=True,
)
def start_recovery(request: DeskRequest, slug: str, organiser: str) -> Response:
    """Mail a link to somebody who has lost all passkeys."""

    def mail(one: OrganiserAccount) -> Response:
        mailed = inviting.start_recovery(
            request.services, by=request.actor, slug=slug, organiser=one
        )
        return _mailed(request, slug, one, mailed=mailed)

    return _for_member(request, slug, organiser, mail)


def _for_member(
    request: DeskRequest,
    slug: str,
    organiser_id: str,
    act: Callable[[OrganiserAccount], Response],
) -> Response:
    """Act for somebody who has a role here; a refusal is said on the page of that person."""
    member = _find(request, slug, organiser_id)
    if member is None:
        return pages.see_other(desk_urls.petition(slug, "people"))
    try:
        return act(member.organiser)
    except InvalidForm as error:
        problem = next(iter(error.errors.values())).text
        return show(request, slug, organiser_id, problem=problem)
    except NotASteward:
        return no_steward(request)


def change(request: DeskRequest, slug: str, organiser: OrganiserAccount) -> Response:
    """Give somebody the chosen roles. Raises InvalidForm, NotASteward."""
    assigning.change_roles(
        request.services,
        by=request.actor,
        slug=slug,
        organiser=organiser,
        roles=role_choices.chosen(request.fields),
    )
    return pages.see_other(desk_urls.petition(slug, "people") + pages.SAVED)


def _mailed(
    request: DeskRequest, slug: str, organiser: OrganiserAccount, *, mailed: bool
) -> Response:
    if not mailed:
        return show(request, slug, organiser.id, problem=NOT_MAILED)
    text = f"{organiser.name} has a new link in the mailbox, for 30 minutes. Older links are void."
    return pages.message(
        request, "The link is on its way", text, back=desk_urls.petition(slug, "people")
    )


def no_steward(request: DeskRequest) -> Response:
    """Another steward was faster: who asks is no steward any more."""
    title, text = "You are no steward any more", "Nothing was changed."
    return pages.message(request, title, text, status=403)


def _find(request: DeskRequest, slug: str, organiser_id: str) -> Member | None:
    members = assigning.list_members(request.services, slug)
    return next((one for one in members if one.organiser.id == organiser_id), None)


def show(request: DeskRequest, slug: str, organiser_id: str, problem: str = "") -> Response:
    """The page of a person, with a problem if there is one; a stranger leads back to the list."""
    member = _find(request, slug, organiser_id)
    if member is None:
        return pages.see_other(desk_urls.petition(slug, "people"))
    crumb = Crumb(label="People", href=desk_urls.petition(slug, "people"))
    contents = PersonPage(
        layout=pages.layout(request, member.organiser.name, crumbs=[crumb]),
        name=member.organiser.name,
        waits=member.organiser.entered_at is None,
        choices=role_choices.choices(member.roles),
        problem=problem,
        change=desk_urls.organiser(slug, organiser_id),
        invite_again=desk_urls.organiser(slug, organiser_id, "invite-again"),
        recover=desk_urls.organiser(slug, organiser_id, "recover"),
    )
    return pages.page(request, contents, status=422 if problem else 200)
