"""Shows petitions, their public figures and their updates to the public."""

from dataclasses import dataclass

from chalicelib import cached
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.integrity.public_figures import PublicFigures
from chalicelib.domain.petitions.petition import SLUG, Petition, PetitionState, next_goal
from chalicelib.domain.petitions.picture import FILE_NAME, MediaType
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.petitions.update import Update
from chalicelib.store.petitions import pictures, preview_images
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PetitionView:
    """A petition as the public sees it now, hashable. `updates` are newest first.

    `count` and `countries` (codes and figures, largest first) are as they were set last, see
    `domain/integrity/public_figures.py`; none while the switch of the count is off.
    """

    petition: Petition
    state: PetitionState
    count: int
    countries: tuple[tuple[str, int], ...]
    goal: int
    updates: tuple[Update, ...]


@dataclass(frozen=True, kw_only=True)
class ListedPetition:
    """A petition in the list, hashable. `count` as in PetitionView."""

    petition: Petition
    state: PetitionState
    count: int

    @property
    def closed(self) -> bool:
        """Whether it can no longer be signed."""
        return self.state is PetitionState.CLOSED


def show_petition(services: Services, slug: str) -> PetitionView:
    """A petition with its public figures, its next goal and its updates. Raises NotFound."""
    petition = cached.petition(services, slug)
    shown = petition.switches.is_on(Switch.COUNT)
    figures = cached.public_figures(services, slug) if shown else PublicFigures()
    return PetitionView(
        petition=petition,
        state=petition.state(services.now()),
        count=figures.count,
        countries=tuple(figures.listed_countries),
        goal=next_goal(petition.goals, figures.count),
        updates=tuple(cached.updates_of(services, slug)),
    )


def get_petition(services: Services, slug: str) -> Petition:
    """A petition. Raises NotFound."""
    return cached.petition(services, slug)


def show_preview_image(services: Services, slug: str, language: str) -> tuple[bytes, MediaType]:
    """The preview image of a petition in a language, and its media type. Raises NotFound."""
    return preview_images.get(services.petitions, cached.petition(services, slug).slug, language)


def show_picture(services: Services, slug: str, file_name: str) -> bytes:
    """The bytes of a petition's picture. Raises NotFound, without a read for no such name."""
    if not (SLUG.fullmatch(slug) and FILE_NAME.fullmatch(file_name)):
        raise NotFound
    return pictures.get(services.petitions, slug, file_name)


def public_count(services: Services, slug: str) -> int | None:
    """The count that the public is shown; None while it cannot be read, or is switched off."""
    try:
        if not cached.petition(services, slug).switches.is_on(Switch.COUNT):
            return None
        return cached.public_figures(services, slug).count
    except Unavailable:
        return None


def list_petitions(services: Services) -> tuple[Petition, ...]:
    """Every petition, by slug."""
    return tuple(cached.all_petitions(services))


def list_with_counts(services: Services) -> tuple[ListedPetition, ...]:
    """Every petition, with its state and its public count: first those that can be signed.

    Those that close soon are first then, and among the closed ones those that closed last.
    """
    counts = cached.public_counts(services)
    listed = [
        ListedPetition(
            petition=petition,
            state=petition.state(services.now()),
            count=counts.get(petition.slug, 0) if petition.switches.is_on(Switch.COUNT) else 0,
        )
        for petition in cached.all_petitions(services)
    ]
    return tuple(sorted(listed, key=_place))


def _place(listed: ListedPetition) -> tuple[int, int, str]:
    petition = listed.petition
    if listed.closed:
        return 2, -petition.closes_on.toordinal(), petition.slug
    if listed.state is PetitionState.UPCOMING:
        return 1, petition.opens_on.toordinal(), petition.slug
    return 0, petition.closes_on.toordinal(), petition.slug


def show_amendment(
    services: Services, slug: str, number: str
) -> tuple[Petition, int, Petition, Petition]:
    """A petition, the position of one of its amendments, and the versions before and after it.

    Raises NotFound.
    """
    petition = cached.petition(services, slug)
    for position, amendment in enumerate(petition.amendments):
        if str(amendment.number) == number:
            before, after = (
                cached.petition_version(services, slug, version)
                for version in (amendment.version - 1, amendment.version)
            )
            return petition, position, before, after
    raise NotFound


def show_update(services: Services, slug: str, name: str) -> tuple[Petition, Update]:
    """An update and its petition. Raises NotFound."""
    petition = cached.petition(services, slug)
    for update in cached.updates_of(services, slug):
        if update.name == name:
            return petition, update
    raise NotFound
