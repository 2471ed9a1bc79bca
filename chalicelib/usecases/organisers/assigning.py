"""Stewards give and take roles on a petition. The last steward who has entered stays."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.errors import InvalidForm, Message, Unavailable
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.memberships import Memberships
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Write
from chalicelib.store.organisers import accounts, memberships, trail
from chalicelib.wiring import Services

_MAX_ATTEMPTS: Final = 5


class NotASteward(Exception):
    """Who asks is no steward of the petition any more, or its draft is being removed."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """An organiser with roles on a petition."""

    organiser: OrganiserAccount
    roles: frozenset[Role]


def roles_on(services: Services, slug: str, organiser_id: str) -> frozenset[Role]:
    """The roles of an organiser on a petition; none on one that does not exist. One read."""
    return memberships.get(services.organisers, slug).of(organiser_id)


def slugs_of(services: Services, organiser_id: str) -> Sequence[str]:
    """The petitions on which an organiser has a role, by slug."""
    return memberships.list_slugs(services.organisers, organiser_id)


def list_members(services: Services, slug: str) -> Sequence[Member]:
    """Everybody with a role on a petition, by name."""
    current = memberships.get(services.organisers, slug)
    known = accounts.find_many(services.organisers, list(current.roles))
    members = [Member(organiser=known[id_], roles=current.of(id_)) for id_ in known]
    return sorted(
        members, key=lambda member: (member.organiser.name.casefold(), member.organiser.id)
    )


def list_colleagues(services: Services, slug: str, organiser_id: str) -> Sequence[OrganiserAccount]:
    """Those who work with an organiser on other petitions, and have no role on this one."""
    table = services.organisers
    here = memberships.get(table, slug).roles
    ids = {
        id_
        for other in memberships.list_slugs(table, organiser_id)
        for id_ in memberships.get(table, other).roles
        if id_ not in here
    }
    found = accounts.find_many(table, sorted(ids)[:100])
    return sorted(found.values(), key=lambda colleague: colleague.name.casefold())


def change_roles(
    services: Services,
    *,
    by: Actor,
    slug: str,
    organiser: OrganiserAccount,
    roles: AbstractSet[Role],
) -> None:
    """Replace the roles of an organiser on a petition; without roles, remove the organiser.

    Raises InvalidForm for the last steward, NotASteward, Unavailable.
    """
    act = Act.CHANGE_ROLES if roles else Act.REMOVE
    detail = f"{organiser.name}: {named(roles)}" if roles else organiser.name
    table, now = services.organisers, services.now()
    trail.append(table, slug, actor=by, act=act, detail=detail, now=now)
    try:
        save_roles(services, slug, organiser.id, roles, by=by)
    except (InvalidForm, NotASteward):
        trail.append(table, slug, actor=by, act=act, detail=detail, refused=True, now=now)
        raise


def save_roles(
    services: Services,
    slug: str,
    organiser_id: str,
    roles: AbstractSet[Role],
    *,
    by: Actor,
    with_it: Iterable[Write] = (),
) -> None:
    """Store the roles of an organiser, with other writes, all or nothing.

    Two stewards may act at once: whoever is second is looked at again. Raises InvalidForm,
    NotASteward, Unavailable.
    """
    for _ in range(_MAX_ATTEMPTS):
        old = memberships.get(services.organisers, slug)
        if old.is_removed or (by != OPERATOR and Role.STEWARD not in old.of(by.id)):
            raise NotASteward
        new = old.changed(organiser_id, roles)
        if by != OPERATOR:
            _require_steward(services, new)
        try:
            memberships.save(services.organisers, old, new, with_it)
        except ConditionFailed:
            continue
        return
    raise Unavailable


def named(roles: Iterable[Role]) -> str:
    """Roles as people read them."""
    held = set(roles)
    return ", ".join(role for role in Role if role in held)


def has_steward(services: Services, slug: str) -> bool:
    """Whether a petition has a steward who has ever entered."""
    return _has_steward(services, memberships.get(services.organisers, slug))


def _has_steward(services: Services, current: Memberships) -> bool:
    known = accounts.find_many(services.organisers, list(current.roles))
    return current.has_steward({id_ for id_, one in known.items() if one.entered_at})


def _require_steward(services: Services, new: Memberships) -> None:
    """Raise InvalidForm if no steward is left who has ever entered."""
    if not _has_steward(services, new):
        text = "A petition needs a steward who has entered. Make somebody else a steward first."
        raise InvalidForm({"roles": Message(text=text)})
