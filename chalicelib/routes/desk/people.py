"""The page of a petition's people: who has which roles, invitations, changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Permission, Role
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import assigning, inviting
from chalicelib.usecases.organisers.assigning import Member, NotASteward

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PEOPLE: Final = desk_urls.petition("{slug}", "people")
ROLES: Final = {
    Role.VIEWER: "sees figures, updates, people and the trail",
    Role.EDITOR: "writes and translates the text and updates",
    Role.SENDER: "mails updates",
    Role.EXPORTER: "asks for the list of signatures; opening it needs the petition’s key",
    Role.STEWARD: "may do everything: roles, keys, switches, opening, closing, deleting",
}
_NOT_MAILED: Final = "The invitation stands, but its mail could not be sent now. Send it again."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RoleChoice:
    """A role in a form."""

    role: str
    meaning: str
    chosen: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PersonRow:
    """Somebody with roles. `href` leads to the form for the roles, "" for who may not use it."""

    name: str
    roles: str
    waits: bool
    is_you: bool
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PeoplePage(DeskPage):
    """Who works on a petition; the form to invite somebody, if `choices` are given."""

    template: ClassVar[str] = "people.html"
    people: Sequence[PersonRow]
    choices: Sequence[RoleChoice]
    colleagues: Sequence[tuple[str, str]]
    action: str
    add: str
    name: str
    email: str
    errors: Mapping[str, str]


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


@route(_PEOPLE, permission=Permission.VIEW)
def show_people(request: DeskRequest, slug: str) -> Response:
    """Everybody who works on the petition."""
    return _people(request, slug)


@route(_PEOPLE, methods=["POST"], permission=Permission.STEWARD, touch=True)
def invite(request: DeskRequest, slug: str) -> Response:
    """Invite somebody new, by a mailed link."""
    fields = request.fields
    try:
        invited = inviting.invite(
            request.services,
            by=request.actor,
            name=fields.get("name", ""),
            email=fields.get("email", ""),
            slug=slug,
            roles=_chosen(request),
        )
    except InvalidForm as error:
        errors = {name: message.text for name, message in error.errors.items()}
        return _people(request, slug, errors=errors)
    except NotASteward:
        return _gone(request)
    if not invited.mailed:
        return _person(request, slug, invited.organiser.id, problem=_NOT_MAILED)
    return pages.see_other(desk_urls.petition(slug, "people"))


@route(f"{_PEOPLE}/add", methods=["POST"], permission=Permission.STEWARD, touch=True)
def add_colleague(request: DeskRequest, slug: str) -> Response:
    """Give roles to somebody who works with the steward on another petition."""
    colleagues = assigning.list_colleagues(request.services, slug, request.session.organiser_id)
    chosen = [one for one in colleagues if one.id == request.fields.get("organiser")]
    if not chosen or not _chosen(request):
        return _people(request, slug, errors={"roles": "Choose a person, and at least one role."})
    return _change(request, slug, chosen[0])


@route(desk_urls.organiser("{slug}", "{organiser}"), permission=Permission.STEWARD)
def show_person(request: DeskRequest, slug: str, organiser: str) -> Response:
    """The roles of one person."""
    return _person(request, slug, organiser)


@route(
    desk_urls.organiser("{slug}", "{organiser}"),
    methods=["POST"],
    permission=Permission.STEWARD,
    touch=True,
)
def change_roles(request: DeskRequest, slug: str, organiser: str) -> Response:
    """Replace the roles of somebody; without any, remove the person."""
    return _for_member(request, slug, organiser, lambda one: _change(request, slug, one))


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
        return _person(request, slug, organiser_id, problem=problem)
    except NotASteward:
        return _gone(request)


def _change(request: DeskRequest, slug: str, organiser: OrganiserAccount) -> Response:
    assigning.change_roles(
        request.services,
        by=request.actor,
        slug=slug,
        organiser=organiser,
        roles=_chosen(request),
    )
    return pages.see_other(desk_urls.petition(slug, "people"))


def _mailed(
    request: DeskRequest, slug: str, organiser: OrganiserAccount, *, mailed: bool
) -> Response:
    if not mailed:
        return _person(request, slug, organiser.id, problem=_NOT_MAILED)
    text = f"{organiser.name} has a new link in the mailbox, for 30 minutes. Older links are void."
    return pages.message(
        request, "The link is on its way", text, back=desk_urls.petition(slug, "people")
    )


def _gone(request: DeskRequest) -> Response:
    """Another steward was faster: who asks is no steward any more."""
    title, text = "You are no steward any more", "Nothing was changed."
    return pages.message(request, title, text, status=403)


def _find(request: DeskRequest, slug: str, organiser_id: str) -> Member | None:
    members = assigning.list_members(request.services, slug)
    return next((one for one in members if one.organiser.id == organiser_id), None)


def _chosen(request: DeskRequest) -> frozenset[Role]:
    return frozenset(role for role in Role if request.fields.get(f"role-{role}"))


def _choices(held: frozenset[Role]) -> Sequence[RoleChoice]:
    return [
        RoleChoice(role=role, meaning=meaning, chosen=role in held)
        for role, meaning in ROLES.items()
    ]


def _people(request: DeskRequest, slug: str, errors: Mapping[str, str] | None = None) -> Response:
    may_change = request.may(Permission.STEWARD)
    members = assigning.list_members(request.services, slug)
    me, typed = request.session.organiser_id, request.fields if errors else {}
    contents = PeoplePage(
        layout=pages.layout(request, "People"),
        people=[
            PersonRow(
                name=member.organiser.name,
                roles=assigning.named(member.roles),
                waits=member.organiser.entered_at is None,
                is_you=member.organiser.id == me,
                href=desk_urls.organiser(slug, member.organiser.id) if may_change else "",
            )
            for member in members
        ],
        choices=_choices(_chosen(request) if errors else frozenset()) if may_change else [],
        colleagues=[
            (one.id, one.name)
            for one in (assigning.list_colleagues(request.services, slug, me) if may_change else [])
        ],
        action=desk_urls.petition(slug, "people"),
        add=desk_urls.petition(slug, "people/add"),
        name=typed.get("name", ""),
        email=typed.get("email", ""),
        errors=errors or {},
    )
    return pages.page(request, contents, status=422 if errors else 200)


def _person(request: DeskRequest, slug: str, organiser_id: str, problem: str = "") -> Response:
    member = _find(request, slug, organiser_id)
    if member is None:
        return pages.see_other(desk_urls.petition(slug, "people"))
    crumb = Crumb(label="People", href=desk_urls.petition(slug, "people"))
    contents = PersonPage(
        layout=pages.layout(request, member.organiser.name, crumbs=[crumb]),
        name=member.organiser.name,
        waits=member.organiser.entered_at is None,
        choices=_choices(member.roles),
        problem=problem,
        change=desk_urls.organiser(slug, organiser_id),
        invite_again=desk_urls.organiser(slug, organiser_id, "invite-again"),
        recover=desk_urls.organiser(slug, organiser_id, "recover"),
    )
    return pages.page(request, contents, status=422 if problem else 200)
