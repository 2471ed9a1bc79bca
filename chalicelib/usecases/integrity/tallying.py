"""Counts signatures from the stream of their changes, each change once, and repairs the tally."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.integrity import breakdown, tally
from chalicelib.domain.integrity.breakdown import Breakdown
from chalicelib.domain.integrity.tally import Fence, Figures, SignatureChange, Tally
from chalicelib.store import keys
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signature_changes, signatures
from chalicelib.store.signatures.signatures import BucketCount
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_MAX_ATTEMPTS = 5
SETTLING_SECONDS = 60.0
"""The longest lag of the stream behind the table that reconciliation allows for."""


def count_records(services: Services, shard: str, records: Sequence[Mapping[str, Any]]) -> None:
    """Count the records of one stream shard. Raises Unavailable."""
    read = [signature_changes.read(record) for record in records]
    count_changes(services, shard, [change for change in read if change is not None])


def count_changes(services: Services, shard: str, changes: Sequence[SignatureChange]) -> None:
    """Add the changes of one stream shard, in their order, to the counters of their petitions.

    One conditional write changes count and fence, so a batch that is delivered again, whole or in
    other parts, adds nothing. Raises Unavailable, so that Lambda delivers the batch again.
    """
    by_slug = sorted(changes, key=lambda change: change.slug)
    for slug, group in groupby(by_slug, key=lambda change: change.slug):
        _count_petition(services, slug, shard, sorted(group, key=lambda c: c.sequence))


def _count_petition(
    services: Services, slug: str, shard: str, changes: Sequence[SignatureChange]
) -> None:
    """Count changes in the tally, then in the breakdown: each has fences of its own.

    If the process dies between the two, the batch comes again, and only the second counts it.
    """
    table = services.petitions
    for _ in range(_MAX_ATTEMPTS):
        seen = tallies.fences(table, slug)
        uncounted = tally.after_fence(seen.get(shard), changes)
        if not uncounted or tallies.add(
            table,
            slug,
            differences=tally.total(change.differences for change in uncounted),
            shard=shard,
            moved=Fence(sequence=uncounted[-1].sequence, counted_at=services.now()),
            seen=seen,
        ):
            break
    else:
        raise Unavailable
    for part in breakdown.parts(changes):
        _break_down(services, slug, shard, part)


def _break_down(
    services: Services, slug: str, shard: str, changes: Sequence[SignatureChange]
) -> None:
    for _ in range(_MAX_ATTEMPTS):
        seen = breakdowns.fences(services.petitions, slug)
        uncounted = tally.after_fence(seen.get(shard), changes)
        if not uncounted or breakdowns.add(
            services.petitions,
            slug,
            uncounted,
            shard=shard,
            moved=Fence(sequence=uncounted[-1].sequence, counted_at=services.now()),
            seen=seen,
        ):
            return
    raise Unavailable


def reconcile(
    services: Services,
    *,
    settling_seconds: float = SETTLING_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[str, int]:
    """Count every petition's signatures and repair each tally that is certainly wrong.

    Returns what was added to the count, by slug, of petitions whose count or any figure of a
    country was wrong.
    """
    repaired = {}
    for slug in petitions.slugs(services.petitions):
        try:
            added = _reconcile_petition(services, slug, settling_seconds, sleep)
        except Exception as error:  # noqa: BLE001 - one petition must not stop the others
            log.error("tally of %s not reconciled: %s", slug, type(error).__name__)
            continue
        if added is not None:
            repaired[slug] = added
    return repaired


def _reconcile_petition(
    services: Services, slug: str, settling_seconds: float, sleep: Callable[[float], None]
) -> int | None:
    """Repair the tally of one petition; what was added to the count, None if nothing was wrong."""
    table = services.petitions
    if tallies.is_frozen(table, slug):
        return None
    tallies.delete_damaged(table, slug)
    breakdowns.delete_damaged(table, slug)
    before, broken_down = tallies.get(table, slug), breakdowns.get(table, slug)
    counted = _count(services, slug)
    if (before.countries, before.count, broken_down.figures) != (
        counted.confirmed,
        sum(counted.confirmed.values()),
        counted.breakdown,
    ):
        sleep(settling_seconds)
    _repair_breakdown(services, slug, broken_down, counted.breakdown)
    after = tallies.get(table, slug)
    count, countries = _drifts(before, counted.confirmed, after)
    repaired = bool(count or countries) and tallies.repair(
        table, after, count=count, countries=countries
    )
    if repaired:
        log.warning("tally of %s repaired by %+d, and in %d countries", slug, count, len(countries))
    return count if repaired else None


def _repair_breakdown(services: Services, slug: str, before: Breakdown, counted: Figures) -> None:
    after = breakdowns.get(services.petitions, slug)
    drifts = tally.drifts(before.figures, counted, after.figures)
    if drifts and breakdowns.repair(services.petitions, slug, drifts, seen=after):
        log.warning("breakdown of %s repaired: %d figures", slug, len(drifts))


def _count(services: Services, slug: str) -> BucketCount:
    """All signatures in the table. Damaged items are reported to the log."""
    confirmed, by_day = Counter[str](), Counter[str]()
    damaged = 0
    for bucket in keys.BUCKETS:
        in_bucket = signatures.count_in(services.signatures, slug, bucket)
        confirmed.update(in_bucket.confirmed)
        by_day.update(in_bucket.breakdown)
        damaged += in_bucket.damaged
    if damaged:
        log.error("%d signatures of %s cannot be read", damaged, slug)
    return BucketCount(confirmed=confirmed, breakdown=by_day, damaged=damaged)


def _drifts(before: Tally, counted: Figures, after: Tally) -> tuple[int, Figures]:
    """The differences to add to the count and to the figures of countries."""
    return (
        tally.drift(before.count, sum(counted.values()), after.count),
        tally.drifts(before.countries, counted, after.countries),
    )
