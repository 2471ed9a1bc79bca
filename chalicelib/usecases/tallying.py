"""Counting: from the stream of changes to one number, each change once."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from chalicelib.domain import tally
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.tally import Change
from chalicelib.store import keys, petitions, signatures, tallies
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_TRIES = 5
_FENCES_KEPT = timedelta(days=3)
"""A stream keeps its records for 24 hours; a shard that is silent for longer is closed."""
SETTLING_SECONDS = 60.0
"""How long the stream may lag behind the table, generously."""


def count_changes(services: Services, shard: str, changes: Sequence[Change]) -> None:
    """Add the changes of one stream shard, in their order, to the tallies of their petitions.

    Count and fence move in one conditional write, so a batch that is delivered again, whole, in
    parts or cut differently, adds nothing. Raises Unavailable to have the batch delivered again.
    """
    by_slug = sorted(changes, key=lambda change: change.slug)
    for slug, group in groupby(by_slug, key=lambda change: change.slug):
        _count_petition(services, slug, shard, sorted(group, key=lambda c: c.sequence))


def _count_petition(services: Services, slug: str, shard: str, changes: Sequence[Change]) -> None:
    for _ in range(_TRIES):
        fence = tallies.find_fence(services.desk, slug, shard)
        fresh = tally.beyond(fence, changes)
        if not fresh:
            return
        if tallies.add(
            services.desk,
            slug,
            difference=sum(change.difference for change in fresh),
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

    People sign meanwhile, so only what no timing can explain is repaired: a tally that was higher
    before the count than what was counted, or is lower long after it.
    """
    repaired = {}
    for petition in petitions.list_all(services.desk):
        slug = petition.slug
        before = tallies.get(services.desk, slug).count
        counted = sum(
            signatures.count_in(services.signatures, slug, bucket) for bucket in keys.BUCKETS
        )
        if counted != before:
            sleep(settling_seconds)
        after = tallies.get(services.desk, slug).count
        drift = min(counted - before, 0) or max(counted - after, 0)
        if drift and tallies.repair(services.desk, slug, counted=after + drift, seen=after):
            repaired[slug] = drift
            log.warning("tally of %s repaired by %+d", slug, drift)
        tallies.delete_fences(services.desk, slug, before=services.now() - _FENCES_KEPT)
    return repaired
