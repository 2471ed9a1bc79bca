"""Judging: organisers hold signatures that look made by a program, and release them again.

A judgement goes through all partitions, one conditional write a signature; the stream counts it.
It can be stopped anywhere and begun again: what is done is not done twice. Whoever signed sees
nothing of it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, TypeVar

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from chalicelib.store import keys, petitions, signatures
from chalicelib.wiring import Services

Progress = Callable[[int, int], None]
"""Told how many partitions (of 256) are done, and how many signatures were found or changed."""
Done = TypeVar("Done")

_WAITS_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""How long one call waits for a table that is throttled, each time."""


@dataclass(kw_only=True)
class HeldSignatures:
    """The held signatures of a petition, by what they have in common; no persons.

    One signature can be held for several reasons. `confirmed` are those that count, by country.
    """

    count: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    by_day: Counter[date] = field(default_factory=Counter)
    by_language: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)

    def add(self, summary: SignatureSummary) -> None:
        """Take in one signature."""
        if summary.state is not SignatureState.HELD:
            self.confirmed[summary.country] += 1
            return
        self.count += 1
        self.by_reason.update(summary.reasons)
        self.by_day[summary.confirmed_at.date()] += 1
        self.by_language[summary.language] += 1


@dataclass(frozen=True, kw_only=True)
class Moderator:
    """Who judges the signatures of one petition. `sleep` waits, in seconds, while AWS throttles."""

    services: Services
    slug: str
    progress: Progress = lambda bucket, count: None
    sleep: Callable[[float], None] = time.sleep

    def held(self) -> HeldSignatures:
        """What is held, counted anew from the table. Raises NotFound, Unavailable."""
        found = HeldSignatures()
        for done, summaries in self._buckets():
            for summary in summaries:
                found.add(summary)
            self.progress(done, found.count)
        return found

    def count(self, wanted: SignatureFilter, state: SignatureState) -> int:
        """How many signatures of this state a judgement would be about. Changes nothing."""
        return self._each(wanted, state, lambda summary: True)

    def hold(self, wanted: SignatureFilter, *, why: str) -> int:
        """Hold the confirmed signatures that are meant; how many are held now.

        `why` is kept with each: words by which they can be found again, that name no person.
        """
        table = self.services.signatures
        return self._each(
            wanted,
            SignatureState.CONFIRMED,
            lambda summary: signatures.mark_held(table, summary, why=why),
        )

    def release(self, wanted: SignatureFilter) -> int:
        """Let the held signatures that are meant count; how many do now."""
        table = self.services.signatures
        return self._each(
            wanted,
            SignatureState.HELD,
            lambda summary: signatures.mark_released(table, summary),
        )

    def _each(
        self,
        wanted: SignatureFilter,
        state: SignatureState,
        judge: Callable[[SignatureSummary], bool],
    ) -> int:
        count = 0
        for done, summaries in self._buckets():
            for summary in summaries:
                if summary.state is state and wanted.includes(summary):
                    count += self._retry(partial(judge, summary))
            self.progress(done, count)
        return count

    def _buckets(self) -> Iterator[tuple[int, list[SignatureSummary]]]:
        petitions.get(self.services.petitions, self.slug)
        for done, bucket in enumerate(keys.BUCKETS, start=1):
            yield done, self._retry(partial(self._standing_in, bucket))

    def _standing_in(self, bucket: str) -> list[SignatureSummary]:
        return list(signatures.summaries_in(self.services.signatures, self.slug, bucket))

    def _retry(self, call: Callable[[], Done]) -> Done:
        """Make a call again while the table is throttled. Raises Unavailable in the end."""
        for seconds in _WAITS_SECONDS:
            try:
                return call()
            except Unavailable:
                self.sleep(seconds)
        return call()
