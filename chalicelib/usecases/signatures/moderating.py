"""Holds signatures that look made by a program, and releases them again.

A moderator selects signatures and queues jobs. The function that reads that queue makes one
conditional write a signature, and the stream updates the tally. Both can be stopped and repeated.
Signers cannot see it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.signature import DamagedSignature, SignatureState
from chalicelib.domain.signature_filter import (
    SignatureFilter,
    SignatureRevision,
    SignatureSummary,
)
from chalicelib.mail import job_queue, jobs
from chalicelib.mail.jobs import HoldSignatures, Job, ReleaseSignatures
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.wiring import Services

Progress = Callable[[int, int], None]
"""Gets the number of partitions read (of 256), and of signatures that matched."""


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

    def select(self, wanted: SignatureFilter, state: SignatureState) -> Sequence[SignatureRevision]:
        """The matching signatures of this state, as they are now. Raises NotFound, Unavailable."""
        selected: list[SignatureRevision] = []
        for done, summaries in self._buckets():
            selected += [
                SignatureRevision(
                    slug=summary.slug,
                    index=summary.index,
                    attestation=summary.attestation,
                    revision=summary.revision,
                )
                for summary in summaries
                if isinstance(summary, SignatureSummary)
                and summary.state is state
                and wanted.includes(summary)
            ]
            self.progress(done, len(selected))
        return selected

    def _buckets(self) -> Iterator[tuple[int, list[SignatureSummary | DamagedSignature]]]:
        petitions.get(self.services.petitions, self.slug)
        for done, bucket in enumerate(keys.BUCKETS, start=1):
            yield done, list(signatures.summaries_in(self.services.signatures, self.slug, bucket))


def request_hold(services: Services, selected: Sequence[SignatureRevision], *, why: str) -> None:
    """Queue the hold of confirmed signatures of a petition. Raises Unavailable.

    `why` is stored with each and can be searched for. It must name no person.
    """
    _queue(services, [HoldSignatures(revisions=part, why=why) for part in _parts(selected)])


def request_release(services: Services, selected: Sequence[SignatureRevision]) -> None:
    """Queue the release of held signatures of a petition. Raises Unavailable."""
    _queue(services, [ReleaseSignatures(revisions=part) for part in _parts(selected)])


def progress_of(
    services: Services, selected: Sequence[SignatureRevision]
) -> tuple[Sequence[SignatureRevision], int]:
    """Those of up to 100 signatures that are as they were selected, and how many were changed.

    A signature that was withdrawn since then is in neither. Raises Unavailable.
    """
    found = signature_revisions.revisions_of(
        services.signatures, selected[0].slug, [seen.index for seen in selected]
    )
    stored = {revision.index: revision for revision in found}
    waiting = [seen for seen in selected if stored.get(seen.index) == seen]
    changed = sum(
        stored[seen.index].attestation == seen.attestation
        for seen in selected
        if seen.index in stored
    )
    return waiting, changed - len(waiting)


def hold(services: Services, job: HoldSignatures) -> None:
    """Hold the signatures of a job. A second time changes nothing. Raises Unavailable."""
    for seen in job.revisions:
        signature_revisions.mark_held(services.signatures, seen, why=job.why)


def release(services: Services, job: ReleaseSignatures) -> None:
    """Release the signatures of a job. A second time changes nothing. Raises Unavailable."""
    for seen in job.revisions:
        signature_revisions.mark_released(services.signatures, seen)


def _parts(selected: Sequence[SignatureRevision]) -> Iterator[tuple[SignatureRevision, ...]]:
    for start in range(0, len(selected), jobs.MAX_REVISIONS):
        yield tuple(selected[start : start + jobs.MAX_REVISIONS])


def _queue(services: Services, requested: Sequence[Job]) -> None:
    job_queue.put_all(services.sqs, services.settings.change_queue_url, requested, services.job_key)
