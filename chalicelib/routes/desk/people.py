"""The page of a petition's people: who has which roles, invitations, changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.roles import Permission
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, person, role_choices
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.role_choices import RoleChoice
from chalicelib.usecases.organisers import assigning, inviting
from chalicelib.usecases.organisers.assigning import NotASteward

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PEOPLE: Final = desk_urls.petition("{slug}", "people")


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
            roles=role_choices.chosen(request.fields),
        )
    except InvalidForm as error:
        errors = {name: message.text for name, message in error.errors.items()}
        return _people(request, slug, errors=errors)
    except NotASteward:
        return person.no_steward(request)
    if not invited.mailed:
        return person.show(request, slug, invited.organiser.id, problem=person.NOT_MAILED)
    return pages.see_other(desk_urls.petition(slug, "people") + pages.SAVED)


@route(f"{_PEOPLE}/add", methods=["POST"], permission=Permission.STEWARD, touch=True)
def add_colleague(request: DeskRequest, slug: str) -> Response:
    """Give roles to somebody who works with the steward on another petition."""
    colleagues = assigning.list_colleagues(request.services, slug, request.session.organiser_id)
    chosen = [one for one in colleagues if one.id == request.fields.get("organiser")]
    if not chosen or not role_choices.chosen(request.fields):
        return _people(request, slug, errors={"roles": "Choose a person, and at least one role."})
    try:
        return person.change(request, slug, chosen[0])
    except InvalidForm as error:
        errors = {name: message.text for name, message in error.errors.items()}
        return _people(request, slug, errors=errors)
    except NotASteward:
        return person.no_steward(request)


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
        choices=role_choices.choices(role_choices.chosen(typed)) if may_change else [],
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
