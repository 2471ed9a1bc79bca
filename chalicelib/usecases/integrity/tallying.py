"""Counting: from the stream of changes to figures, each change once."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.integrity import tally
from chalicelib.domain.integrity.tally import Figures, SignatureChange, Tally
from chalicelib.store import keys, petitions, signatures, tallies
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_TRIES = 5
_FENCES_KEPT = timedelta(days=3)
"""A stream keeps its records for 24 hours; a shard that is silent for longer is closed."""
SETTLING_SECONDS = 60.0
"""How long the stream may lag behind the table, generously."""


def count_changes(services: Services, shard: str, changes: Sequence[SignatureChange]) -> None:
    """Add the changes of one stream shard, in their order, to the tallies of their petitions.

    Count and fence move in one conditional write, so a batch that is delivered again, whole, in
    parts or cut differently, adds nothing. Raises Unavailable to have the batch delivered again.
    """
    by_slug = sorted(changes, key=lambda change: change.slug)
    for slug, group in groupby(by_slug, key=lambda change: change.slug):
        _count_petition(services, slug, shard, sorted(group, key=lambda c: c.sequence))


def _count_petition(
    services: Services, slug: str, shard: str, changes: Sequence[SignatureChange]
) -> None:
    for _ in range(_TRIES):
        fence = tallies.find_fence(services.petitions, slug, shard)
        fresh = tally.after_fence(fence, changes)
        if not fresh:
            return
        if tallies.add(
            services.petitions,
            slug,
            differences=tally.total(fresh),
            shard=shard,
            fence=fence,
            last=fresh[-1].sequence,
            now=services.now(),
        ):
            return
    raise Unavailable


def reconcile(
    services: Services,
    *,
    settling_seconds: float = SETTLING_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[str, int]:
    """Count every petition's signatures and repair a tally that is surely wrong; say by how much.

    The answer is what was added to counts, by slug, for petitions of which any figure was wrong.
    """
    repaired = {}
    for petition in petitions.list_all(services.petitions):
        slug = petition.slug
        before = tallies.get(services.petitions, slug)
        counted = _count(services, slug)
        if counted != before.countries or sum(counted.values()) != before.count:
            sleep(settling_seconds)
        after = tallies.get(services.petitions, slug)
        count, countries = _drifts(before, counted, after)
        if (count or countries) and tallies.repair(
            services.petitions, after, count=count, countries=countries
        ):
            repaired[slug] = count
            log.warning(
                "tally of %s repaired by %+d, and in %d countries", slug, count, len(countries)
            )
        tallies.delete_fences(services.petitions, slug, before=services.now() - _FENCES_KEPT)
    return repaired


def _count(services: Services, slug: str) -> Figures:
    """What the table holds."""
    counted: Counter[str] = Counter()
    for bucket in keys.BUCKETS:
        counted.update(signatures.count_in(services.signatures, slug, bucket))
    return counted


def _drifts(before: Tally, counted: Figures, after: Tally) -> tuple[int, Figures]:
    """What must be added to the count, and to the figures of countries."""
    drifts = {
        country: tally.drift(
            before.countries.get(country, 0),
            counted.get(country, 0),
            after.countries.get(country, 0),
        )
        for country in {*before.countries, *counted, *after.countries}
    }
    return (
        tally.drift(before.count, sum(counted.values()), after.count),
        {country: drift for country, drift in drifts.items() if drift},
    )
