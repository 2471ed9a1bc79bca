"""Holds signatures that look made by a program, and releases them again.

It reads all partitions and makes one conditional write a signature; the stream updates the tally.
It can be stopped and started again. Signers cannot see it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.signature import DamagedSignature, SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from chalicelib.store import keys, petitions, signatures
from chalicelib.wiring import Services

Progress = Callable[[int, int], None]
"""Gets the number of partitions read (of 256), and of signatures that matched or changed."""


@dataclass(kw_only=True)
class HeldSignatures:
    """Held signatures of a petition, counted by reason and day.

    A signature can have several reasons. `confirmed` counts confirmed signatures by country, and
    `damaged` holds the blind indexes of items that cannot be read.
    """

    count: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    by_day: Counter[date] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)

    def add(self, summary: SignatureSummary | DamagedSignature) -> None:
        """Count one signature."""
        if isinstance(summary, DamagedSignature):
            self.damaged.append(summary.index)
            return
        if summary.state is not SignatureState.HELD:
            self.confirmed[summary.country] += 1
            return
        self.count += 1
        self.by_reason.update(summary.reasons)
        self.by_day[summary.confirmed_on] += 1


@dataclass(frozen=True, kw_only=True)
class Moderator:
    """Moderates the signatures of one petition."""

    services: Services
    slug: str
    progress: Progress = lambda bucket, count: None

    def held(self) -> HeldSignatures:
        """Count the held signatures in the table. Raises NotFound, Unavailable."""
        held = HeldSignatures()
        for done, summaries in self._buckets():
            for summary in summaries:
                held.add(summary)
            self.progress(done, held.count)
        return held

    def count(self, wanted: SignatureFilter, state: SignatureState) -> int:
        """The number of matching signatures of this state. Changes nothing."""
        return self._change(wanted, state, lambda summary: True)

    def hold(self, wanted: SignatureFilter, *, why: str) -> int:
        """Hold the matching confirmed signatures; the number that changed.

        `why` is stored with each and can be searched for. It must name no person.
        """
        table = self.services.signatures
        return self._change(
            wanted,
            SignatureState.CONFIRMED,
            lambda summary: signatures.mark_held(table, summary, why=why),
        )

    def release(self, wanted: SignatureFilter) -> int:
        """Release the matching held signatures; the number that changed."""
        table = self.services.signatures
        return self._change(
            wanted,
            SignatureState.HELD,
            lambda summary: signatures.mark_released(table, summary),
        )

    def _change(
        self,
        wanted: SignatureFilter,
        state: SignatureState,
        change: Callable[[SignatureSummary], bool],
    ) -> int:
        count = 0
        for done, summaries in self._buckets():
            for summary in summaries:
                if isinstance(summary, DamagedSignature):
                    continue
                if summary.state is state and wanted.includes(summary):
                    count += change(summary)
            self.progress(done, count)
        return count

    def _buckets(self) -> Iterator[tuple[int, list[SignatureSummary | DamagedSignature]]]:
        petitions.get(self.services.petitions, self.slug)
        for done, bucket in enumerate(keys.BUCKETS, start=1):
            yield done, list(signatures.summaries_in(self.services.signatures, self.slug, bucket))
