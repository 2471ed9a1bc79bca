"""What was read a moment ago: each read once in `page_cache_seconds` by each process.

So a page costs the same with one signature and with a million, and when the table throttles,
readers still get what was true a moment before.
"""

from collections.abc import Sequence

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.integrity.tally import Tally
from chalicelib.domain.petition import SLUG, Petition
from chalicelib.domain.update import Update
from chalicelib.store import petitions, tallies, updates
from chalicelib.wiring import Services


def petition(services: Services, slug: str) -> Petition:
    """A petition. Raises NotFound, without asking the table about what can be no slug."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    return services.cache.get(
        ("petition", slug), lambda: petitions.get(services.petitions, slug), stale_on=Unavailable
    )


def all_petitions(services: Services) -> Sequence[Petition]:
    """Every petition, by slug."""
    return services.cache.get(
        "petitions", lambda: petitions.list_all(services.petitions), stale_on=Unavailable
    )


def tally(services: Services, slug: str) -> Tally:
    """How many have signed, exactly: for rounding (see `domain/figures.py`), not for showing."""
    return services.cache.get(
        ("tally", slug), lambda: tallies.get(services.petitions, slug), stale_on=Unavailable
    )


def updates_of(services: Services, slug: str) -> Sequence[Update]:
    """The updates of a petition, newest first."""
    return services.cache.get(
        ("updates", slug), lambda: updates.list_of(services.petitions, slug), stale_on=Unavailable
    )
