"""The petitions of an organiser, and what waits for somebody on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib import cached
from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.approval import Approval
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.petitions import draft as draft_rules
from chalicelib.domain.petitions.petition import Petition
from chalicelib.store.integrity import tallies
from chalicelib.store.organisers import approvals, drafts, memberships
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class OwnPetition:
    """A petition on which an organiser has a role. `petition` is None until it is published.

    `title` is that of the draft of one that is not. `count` is the exact number of signatures.
    """

    slug: str
    roles: frozenset[Role]
    petition: Petition | None
    title: str
    count: int
    waiting: Sequence[Approval]


def list_own(services: Services, organiser_id: str) -> Sequence[OwnPetition]:
    """The petitions of an organiser: open ones first, then those to come, then closed ones."""
    table, now = services.organisers, services.now()
    own = [
        _own(services, slug, memberships.get(table, slug).of(organiser_id))
        for slug in memberships.list_slugs(table, organiser_id)
    ]
    return sorted(own, key=lambda each: (_place(each.petition, now), each.slug))


def _own(services: Services, slug: str, roles: frozenset[Role]) -> OwnPetition:
    petition = _find(services, slug)
    draft = None if petition else drafts.find(services.organisers, slug)
    return OwnPetition(
        slug=slug,
        roles=roles,
        petition=petition,
        title=draft_rules.first_title(draft.source) if draft else "",
        count=tallies.get(services.petitions, slug).count,
        waiting=approvals.list_waiting(services.organisers, slug),
    )


def _find(services: Services, slug: str) -> Petition | None:
    try:
        return cached.petition(services, slug)
    except NotFound:
        return None


def _place(petition: Petition | None, now: datetime) -> int:
    order = ("open", "upcoming", "", "closed")
    return order.index(petition.state(now) if petition else "")
