"""Cached reads of the table of petitions: one in `page_cache_seconds` by each process.

A page costs the same with one signature and with a million. While the table throttles, readers get
the last known value.
"""

from collections.abc import Mapping, Sequence

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.integrity.public_figures import PublicFigures
from chalicelib.domain.petitions.petition import SLUG, Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.store.integrity import public_figures as figures
from chalicelib.store.petitions import petitions, updates
from chalicelib.wiring import Services


def petition(services: Services, slug: str) -> Petition:
    """A petition. Raises NotFound, without a read for text that is no slug."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    return services.cache.get(
        ("petition", slug), lambda: petitions.get(services.petitions, slug), stale_on=Unavailable
    )


def petition_version(services: Services, slug: str, version: int) -> Petition:
    """A version of a petition. Raises NotFound."""
    return services.cache.get(
        ("version", slug, version),
        lambda: petitions.get_version(services.petitions, slug, version),
        stale_on=Unavailable,
    )


def all_petitions(services: Services) -> Sequence[Petition]:
    """Every petition, by slug."""
    return services.cache.get(
        "petitions", lambda: petitions.list_all(services.petitions), stale_on=Unavailable
    )


def public_figures(services: Services, slug: str) -> PublicFigures:
    """The public figures of a petition. Nothing public is made from its exact tally."""
    return services.cache.get(
        ("figures", slug), lambda: figures.get(services.petitions, slug), stale_on=Unavailable
    )


def public_counts(services: Services) -> Mapping[str, int]:
    """The public count of every petition that has one, by slug."""
    return services.cache.get(
        "counts", lambda: figures.list_counts(services.petitions), stale_on=Unavailable
    )


def updates_of(services: Services, slug: str) -> Sequence[Update]:
    """The updates of a petition, newest first."""
    return services.cache.get(
        ("updates", slug), lambda: updates.list_of(services.petitions, slug), stale_on=Unavailable
    )
