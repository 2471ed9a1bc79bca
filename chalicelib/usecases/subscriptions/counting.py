"""Counts the subscribers of a petition, without their addresses: when asked, and each night."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.domain.audience import SubscriberCount
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import keys
from chalicelib.store.petitions import audiences, petitions
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Audience:
    """The active subscribers of a petition: exact numbers by language and frequency."""

    counts: Mapping[tuple[str, Frequency], int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def of_frequency(self, frequency: Frequency) -> int:
        """Those who chose this frequency."""
        return sum(count for (_, chosen), count in self.counts.items() if chosen is frequency)

    def by_language(self) -> Mapping[str, int]:
        """Their number by language, the most first."""
        totals: Counter[str] = Counter()
        for (language, _), count in self.counts.items():
            totals[language] += count
        return dict(sorted(totals.items(), key=lambda line: (-line[1], line[0])))

    def without(self, languages: Mapping[str, object]) -> Mapping[str, int]:
        """Their number by language, of those whose language is not among these."""
        return {
            language: count
            for language, count in self.by_language().items()
            if language not in languages
        }


def count_subscribers(
    services: Services, slug: str, progress: Callable[[int, int], None]
) -> Audience:
    """Count the subscribers of a petition, shard by shard. Raises Unavailable.

    After each shard `progress` gets the number of shards and of subscribers so far.
    """
    counts: Counter[tuple[str, Frequency]] = Counter()
    for done, shard in enumerate(keys.SHARDS, 1):
        counts += audiences.count_in(services.subscribers, slug, shard).choices
        progress(done, counts.total())
    return Audience(counts=counts)


def every_night(services: Services) -> None:
    """Store how many subscribers each petition has. The error of one stops no other."""
    for slug in petitions.slugs(services.petitions):
        try:
            count = SubscriberCount()
            for shard in keys.SHARDS:
                count.add(audiences.count_in(services.subscribers, slug, shard))
            audiences.save(services.petitions, slug, count, now=services.now())
        except Unavailable:
            log.error("subscribers of %s not counted", slug)
