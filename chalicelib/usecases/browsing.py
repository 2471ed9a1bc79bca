"""Reading: petitions, counts and updates, as anybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import recent
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petition import Petition, PetitionState, next_goal
from chalicelib.domain.update import Update
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PetitionView:
    """A petition as it stands at this moment. `updates` are newest first."""

    petition: Petition
    state: PetitionState
    count: int
    goal: int
    updates: Sequence[Update]


def show_petition(services: Services, slug: str) -> PetitionView:
    """A petition with its count, its next goal and its updates. Raises NotFound."""
    petition = recent.petition(services, slug)
    count = recent.count(services, slug)
    return PetitionView(
        petition=petition,
        state=petition.state(services.now()),
        count=count,
        goal=next_goal(petition.goals, count),
        updates=recent.updates_of(services, slug),
    )


def get_petition(services: Services, slug: str) -> Petition:
    """A petition. Raises NotFound."""
    return recent.petition(services, slug)


def list_petitions(services: Services) -> Sequence[Petition]:
    """Every petition, by slug."""
    return recent.all_petitions(services)


def show_update(services: Services, slug: str, name: str) -> tuple[Petition, Update]:
    """An update and its petition. Raises NotFound."""
    petition = recent.petition(services, slug)
    for update in recent.updates_of(services, slug):
        if update.name == name:
            return petition, update
    raise NotFound
