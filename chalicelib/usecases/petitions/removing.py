"""Removes a draft that was never published, with all that the desk keeps of it.

First it is marked, and everybody but the steward who removes it loses their roles: from then on
nobody saves or publishes it. Then what is written is deleted, and the steward's role last, so that
a removal that was interrupted can be repeated. The mark stays, for the name is not given again:
nobody else is to find the trail, whose lines nothing can delete.
"""

from dataclasses import replace
from typing import Final

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.memberships import Memberships
from chalicelib.domain.organisers.roles import Role
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import desk_items, memberships
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

_MAX_ATTEMPTS: Final = 5


class NotADraft(Exception):
    """The petition is published, or who asks is no steward of it any more."""


def has_begun(services: Services, slug: str) -> bool:
    """Whether a removal has begun, and was interrupted."""
    return memberships.get(services.organisers, slug).is_removed


def remove(services: Services, slug: str, *, by: Actor) -> None:
    """Remove a draft for good. Safe to repeat. Raises NotADraft, Unavailable."""
    for _ in range(_MAX_ATTEMPTS):
        people = memberships.get(services.organisers, slug)
        try:
            if petitions.find_as_stored(services.petitions, slug) is not None:
                _keep(services, people)
                raise NotADraft
            if Role.STEWARD not in people.of(by.id):
                raise NotADraft
            marked = _left_to(services, people, [by.id])
            # Before it is published, a petition has no jobs.
            desk_items.delete_all(services.organisers, slug, job_ids=())
            _left_to(services, marked, [])
        except ConditionFailed:
            # Somebody has published it, or changed roles.
            continue
        return
    raise Unavailable


def _left_to(services: Services, people: Memberships, ids: list[str]) -> Memberships:
    """Mark the petition as removed and leave it to these people, unless it is published."""
    roles = {id_: people.of(id_) for id_ in ids}
    marked = replace(people, roles=roles, is_removed=True)
    absent = (services.petitions, petitions.being_absent(people.slug))
    memberships.save(services.organisers, people, marked, elsewhere=[absent])
    return replace(marked, revision=people.revision + 1)


def _keep(services: Services, people: Memberships) -> None:
    """Take the mark away from a petition that somebody has published meanwhile."""
    if people.is_removed:
        memberships.save(services.organisers, people, replace(people, is_removed=False))
