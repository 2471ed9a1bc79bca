"""Exact figures of a petition, for organisers and the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.integrity import public_figures
from chalicelib.domain.integrity.tally import Figures, Tally
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.store.integrity import tallies
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class Status:
    """A petition with its exact tally and its public figures.

    These are looked at again at `next_look`; None once they are final.
    """

    petition: Petition
    state: PetitionState
    tally: Tally
    next_look: datetime | None

    @property
    def by_country(self) -> Sequence[tuple[str, int]]:
        """Exact figures of countries, largest first; "" stands for no country given."""
        return _ranked(self.tally.countries)


def status(services: Services, slug: str) -> Status:
    """A petition's state, tally and public figures now. Raises NotFound, Unavailable."""
    petition = petitions.get(services.petitions, slug)
    tally = tallies.get(services.petitions, slug)
    now = services.now()
    final_at = public_figures.final_moment(petition.closes_at, services.settings.link_lifetime)
    return Status(
        petition=petition,
        state=petition.state(now),
        tally=tally,
        next_look=None if tally.looked_at >= final_at else public_figures.next_hour(now),
    )


def _ranked(figures: Figures) -> Sequence[tuple[str, int]]:
    return sorted(figures.items(), key=lambda line: (-line[1], line[0]))
