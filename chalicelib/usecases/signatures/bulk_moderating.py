"""Holds and releases many signatures as a job, in slices; counts them first without a change.

The function that changes records walks the buckets. It reads no seal. A slice that dies is done
again: each signature is changed only as it was read, so that none is changed twice. The number of
changed ones can then be too low by those of that slice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import Job, JobKind, JobState, new_job_id
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import RunSlice, new_id
from chalicelib.store import keys
from chalicelib.store.organisers import jobs
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.wiring import Services

SLICE: Final = timedelta(seconds=15)
"""The function may run for 30 seconds, and one signature takes some milliseconds."""
_CHECKED_AFTER: Final = 200
"""Signatures after which a slice looks at the clock."""
MATCHED: Final = "matched"
CHANGED: Final = "changed"
DAMAGED: Final = "damaged"


class ModerationKind(StrEnum):
    """What is done with the signatures that match."""

    HOLD = "hold"
    RELEASE = "release"


_FROM: Final = {
    ModerationKind.HOLD: SignatureState.CONFIRMED,
    ModerationKind.RELEASE: SignatureState.HELD,
}


@dataclass(frozen=True, kw_only=True)
class Moderation:
    """What a job is to do. `why` is the reason of a hold. A `dry_run` changes nothing."""

    move: ModerationKind
    wanted: SignatureFilter
    why: str = ""
    dry_run: bool = True

    @property
    def undo(self) -> "Moderation":
        """What takes it back: a release of those held for this reason, or a hold of the released.

        Those that were released before match as well: the dry run shows the number.
        """
        if self.move is ModerationKind.HOLD:
            return Moderation(move=ModerationKind.RELEASE, wanted=SignatureFilter(why=self.why))
        wanted = replace(self.wanted, once_held=True)
        return Moderation(move=ModerationKind.HOLD, wanted=wanted, why="held again")


def ask(services: Services, slug: str, moderation: Moderation, *, by: Actor) -> Job:
    """Store and queue a job. Raises NotFound, Unavailable.

    If the process dies in between, `resume` queues it.
    """
    petitions.get(services.petitions, slug)
    now = services.now()
    job = Job(
        id=new_job_id(now),
        slug=slug,
        kind=JobKind.MODERATE,
        state=JobState.WAITING,
        asked_by=by,
        asked_at=now,
        changed_at=now,
        checkpoint=_to_checkpoint(moderation),
    )
    jobs.add(services.organisers, job)
    resume(services, job)
    return job


def resume(services: Services, job: Job) -> None:
    """Queue an open job anew, for one whose message was lost. Raises Unavailable."""
    if job.is_open:
        message = RunSlice(slug=job.slug, job_id=job.id)
        job_queue.put(services.sqs, services.settings.change_queue_url, message, services.job_key)


def cancel(services: Services, slug: str, job_id: str) -> Job:
    """End an open job: what is changed stays. Raises NotFound, Unavailable."""
    job = get(services, slug, job_id)
    while job.is_open:
        ended = jobs.save(
            services.organisers,
            replace(job, state=JobState.CANCELLED, changed_at=services.now()),
        )
        if ended:
            return ended
        job = get(services, slug, job_id)
    return job


def get(services: Services, slug: str, job_id: str) -> Job:
    """A job of this kind. Raises NotFound."""
    job = jobs.get(services.organisers, slug, job_id)
    if job.kind is not JobKind.MODERATE:
        raise NotFound
    return job


def list_newest(services: Services, slug: str) -> Sequence[Job]:
    """The jobs of this kind, the newest first."""
    listed = jobs.list_newest(services.organisers, slug, now=services.now())
    return [job for job in listed if job.kind is JobKind.MODERATE]


def moderation_of(job: Job) -> Moderation:
    """What a job is to do."""
    values = job.checkpoint
    wanted: Mapping[str, Any] = values["wanted"]
    return Moderation(
        move=ModerationKind(values["move"]),
        why=values["why"],
        dry_run=values["dry_run"],
        wanted=SignatureFilter(
            **{
                **wanted,
                "signals": tuple(wanted["signals"]),
                "without": tuple(wanted["without"]),
                "confirmed_from": _day(wanted["confirmed_from"]),
                "confirmed_to": _day(wanted["confirmed_to"]),
            }
        ),
    )


def run_slice(services: Services, message: RunSlice) -> None:
    """Go on with a job for some seconds, and queue its next slice.

    Only the worker that has stored the job last goes on. Raises Unavailable.
    """
    job = jobs.find(services.organisers, message.slug, message.job_id)
    if job is None or not job.is_open or job.kind is not JobKind.MODERATE:
        return
    taken = replace(job, state=JobState.RUNNING, worker=new_id(), changed_at=services.now())
    started = jobs.save(services.organisers, taken)
    if started is None:
        return
    walked = _walk(services, started)
    saved = jobs.save(services.organisers, replace(walked, changed_at=services.now()))
    if saved:
        resume(services, saved)


def _walk(services: Services, job: Job) -> Job:
    """The job after one slice of its buckets."""
    moderation, until = moderation_of(job), services.now() + SLICE
    counts = Counter(job.counts)
    bucket, _, after = job.cursor.partition("#")
    for done in range(keys.BUCKETS.index(bucket) if bucket else 0, len(keys.BUCKETS)):
        bucket = keys.BUCKETS[done]
        found = signatures.summaries_in(services.signatures, job.slug, bucket, after=after or None)
        after = ""
        for number, summary in enumerate(found, start=1):
            if not isinstance(summary, SignatureSummary):
                counts[DAMAGED] += 1
            elif _matches(moderation, summary):
                counts[MATCHED] += 1
                counts[CHANGED] += not moderation.dry_run and _change(services, moderation, summary)
            if number % _CHECKED_AFTER == 0 and services.now() >= until:
                cursor = f"{bucket}#{summary.index}"
                return replace(job, cursor=cursor, done_parts=done, counts=dict(counts))
        if services.now() >= until and done + 1 < len(keys.BUCKETS):
            cursor = f"{keys.BUCKETS[done + 1]}#"
            return replace(job, cursor=cursor, done_parts=done + 1, counts=dict(counts))
    return replace(
        job, state=JobState.DONE, cursor="", done_parts=len(keys.BUCKETS), counts=dict(counts)
    )


def _matches(moderation: Moderation, summary: SignatureSummary) -> bool:
    return summary.state is _FROM[moderation.move] and moderation.wanted.includes(summary)


def _change(services: Services, moderation: Moderation, summary: SignatureSummary) -> bool:
    table = services.signatures
    if moderation.move is ModerationKind.HOLD:
        return signature_revisions.mark_held(table, summary, why=moderation.why)
    return signature_revisions.mark_released(table, summary)


def _to_checkpoint(moderation: Moderation) -> Mapping[str, Any]:
    wanted = asdict(moderation.wanted)
    for name in ("confirmed_from", "confirmed_to"):
        wanted[name] = wanted[name].isoformat() if wanted[name] else None
    for name in ("signals", "without"):
        wanted[name] = list(map(str, wanted[name]))
    return {
        "move": str(moderation.move),
        "wanted": wanted,
        "why": moderation.why,
        "dry_run": moderation.dry_run,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
