"""Reading: petitions, counts and updates, as anybody may see them."""

from dataclasses import dataclass

from chalicelib import recent
from chalicelib.domain.errors import NotFound
from chalicelib.domain.figures import public_count, public_countries
from chalicelib.domain.petition import Petition, PetitionState, next_goal
from chalicelib.domain.update import Update
from chalicelib.store import cards
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PetitionView:
    """A petition as the public sees it at this moment, hashable. `updates` are newest first.

    `count` and `countries` (codes and figures, largest first) are rounded down to multiples of
    `count_step`, see `domain/figures.py`.
    """

    petition: Petition
    state: PetitionState
    count: int
    count_step: int
    countries: tuple[tuple[str, int], ...]
    goal: int
    updates: tuple[Update, ...]


def show_petition(services: Services, slug: str) -> PetitionView:
    """A petition with its public figures, its next goal and its updates. Raises NotFound."""
    petition = recent.petition(services, slug)
    tally = recent.tally(services, slug)
    step = services.settings.count_step
    count = public_count(tally.count, step)
    return PetitionView(
        petition=petition,
        state=petition.state(services.now()),
        count=count,
        count_step=step,
        countries=tuple(
            public_countries(tally.countries, minimum=services.settings.country_minimum, step=step)
        ),
        goal=next_goal(petition.goals, count),
        updates=tuple(recent.updates_of(services, slug)),
    )


def get_petition(services: Services, slug: str) -> Petition:
    """A petition. Raises NotFound."""
    return recent.petition(services, slug)


def show_card(services: Services, slug: str, language: str) -> bytes:
    """The picture (PNG) that goes with a petition's link in a language. Raises NotFound."""
    return cards.get(services.desk, recent.petition(services, slug).slug, language)


def list_petitions(services: Services) -> tuple[Petition, ...]:
    """Every petition, by slug."""
    return tuple(recent.all_petitions(services))


def show_update(services: Services, slug: str, name: str) -> tuple[Petition, Update]:
    """An update and its petition. Raises NotFound."""
    petition = recent.petition(services, slug)
    for update in recent.updates_of(services, slug):
        if update.name == name:
            return petition, update
    raise NotFound
