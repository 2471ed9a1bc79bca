"""Says what a destruction would delete, and starts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import Job, JobKind, JobState
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import RunSlice
from chalicelib.store import export_files
from chalicelib.store.alerts import alerts
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.organisers import jobs
from chalicelib.store.petitions import audiences, petitions
from chalicelib.wiring import Services

_ID: Final = "destruction"
"""The id of each destruction: a petition has one, also if two people start it at once."""


class NotAllowedYet(Exception):
    """The petition is open, or an alert of it is underway."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a destruction would delete, as it was counted last, and what keeps it from beginning.

    `subscribers` are those of last night; None before the first count. `exports` are those whose
    file may still be in the bucket.
    """

    confirmed: int
    held: int
    subscribers: int | None
    exports: int
    has_ended: bool
    alerts_underway: int

    @property
    def may_begin(self) -> bool:
        """Whether nothing keeps it from beginning."""
        return self.has_ended and not self.alerts_underway


def forecast(services: Services, slug: str) -> Forecast:
    """What a destruction would delete now. Changes nothing. Raises NotFound, Unavailable."""
    petition = petitions.get(services.petitions, slug)
    audience = audiences.find(services.petitions, slug)
    listed = jobs.list_newest(services.organisers, slug, now=services.now())
    return Forecast(
        confirmed=tallies.get(services.petitions, slug).count,
        held=sum(breakdowns.get(services.petitions, slug).held.values()),
        subscribers=audience.count if audience else None,
        exports=sum(_may_have_file(job, services.now()) for job in listed),
        has_ended=petition.state(services.now()) is PetitionState.CLOSED,
        alerts_underway=len(alerts.list_open(services.petitions, slug)),
    )


def _may_have_file(job: Job, now: datetime) -> bool:
    """Whether the bucket may still have a file, or parts of one, of an export."""
    begun = job.kind is JobKind.EXPORT and bool(job.checkpoint)
    return begun and now < job.changed_at + export_files.KEPT


def start(services: Services, slug: str, *, by: Actor) -> Job:
    """Start the destruction; one that has begun is returned instead.

    Raises NotFound, NotAllowedYet, Unavailable.
    """
    begun = find(services, slug)
    if begun:
        return begun
    if not forecast(services, slug).may_begin:
        raise NotAllowedYet
    now = services.now()
    job = Job(
        id=_ID,
        slug=slug,
        kind=JobKind.DESTROY,
        state=JobState.WAITING,
        asked_by=by,
        asked_at=now,
        changed_at=now,
    )
    try:
        jobs.add(services.organisers, job)
    except ConditionFailed:
        job = jobs.get(services.organisers, slug, _ID)
    resume(services, job)
    return job


def resume(services: Services, job: Job) -> None:
    """Queue an open destruction anew, for one whose message was lost. Raises Unavailable."""
    if job.is_open:
        # The first queue hands the job on to the second one when its part is done.
        message = RunSlice(slug=job.slug, job_id=job.id)
        for url in (services.settings.change_queue_url, services.settings.export_queue_url):
            job_queue.put(services.sqs, url, message, services.job_key)


def get(services: Services, slug: str, job_id: str) -> Job:
    """A destruction. Raises NotFound."""
    job = jobs.get(services.organisers, slug, job_id)
    if job.kind is not JobKind.DESTROY:
        raise NotFound
    return job


def find(services: Services, slug: str) -> Job | None:
    """The destruction of a petition's data, if it has begun."""
    return jobs.find(services.organisers, slug, _ID)
