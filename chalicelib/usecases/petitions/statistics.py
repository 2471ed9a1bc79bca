"""Exact figures of a petition, for organisers and the operator."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.integrity.public_figures import public_count, public_countries
from chalicelib.domain.integrity.tally import Figures, Tally
from chalicelib.domain.petition import Petition, PetitionState
from chalicelib.store import petitions, tallies
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class Status:
    """A petition with its exact tally, and with its public figures."""

    petition: Petition
    state: PetitionState
    tally: Tally
    public_count: int
    public_countries: Sequence[tuple[str, int]]

    @property
    def by_country(self) -> Sequence[tuple[str, int]]:
        """Exact figures of countries, largest first; "" stands for no country given."""
        return _ranked(self.tally.countries)


def status(services: Services, slug: str) -> Status:
    """A petition's state, tally and public figures now. Raises NotFound, Unavailable."""
    petition = petitions.get(services.petitions, slug)
    tally = tallies.get(services.petitions, slug)
    step, minimum = services.settings.count_step, services.settings.country_minimum
    return Status(
        petition=petition,
        state=petition.state(services.now()),
        tally=tally,
        public_count=public_count(tally.count, step),
        public_countries=public_countries(tally.countries, minimum=minimum, step=step),
    )


def _ranked(figures: Figures) -> Sequence[tuple[str, int]]:
    return sorted(figures.items(), key=lambda line: (-line[1], line[0]))
