"""Starts, ends and lists exports. The exporter, a function of its own, makes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import Job, JobKind, JobState, new_job_id
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import MakeExportLink, OrganiserJob, RunSlice
from chalicelib.store import export_files
from chalicelib.store.organisers import export_links, jobs
from chalicelib.store.organisers.export_links import ExportLink
from chalicelib.usecases.exports import approving
from chalicelib.wiring import Services


def start(services: Services, slug: str, *, by: Actor) -> Job:
    """Start an export, or ask for its approval. One that is open already is returned instead.

    That one is queued anew, for its message may be lost. Raises NotFound, Unavailable.
    """
    for job in exports_of(services, slug):
        if job.is_open:
            resume(services, job)
            return job
    now = services.now()
    job = Job(
        id=new_job_id(now),
        slug=slug,
        kind=JobKind.EXPORT,
        state=JobState.WAITING,
        asked_by=by,
        asked_at=now,
        changed_at=now,
    )
    # Asked for before the job is stored: an export never stands there as if it needed none.
    waits = approving.ask(services, job)
    jobs.add(services.organisers, job)
    if not waits:
        _queue(services, RunSlice(slug=slug, job_id=job.id))
    return job


def approve(services: Services, slug: str, job_id: str, *, by: Actor) -> bool:
    """Approve an export and start it. False if this organiser has asked for it, or it has ended.

    Raises NotFound, Unavailable.
    """
    job = get(services, slug, job_id)
    if not job.is_open or not approving.approve(services, job, by=by):
        return False
    resume(services, job)
    return True


def resume(services: Services, job: Job) -> None:
    """Queue an open export anew, for one whose message was lost. Raises Unavailable."""
    if job.is_open and approving.may_begin(services, job):
        _queue(services, RunSlice(slug=job.slug, job_id=job.id))


def cancel(services: Services, slug: str, job_id: str) -> Job:
    """End an export that is not done; its file is removed, and nobody is asked to approve it.

    Safe to repeat. Raises NotFound, Unavailable.
    """
    job = get(services, slug, job_id)
    while job.is_open:
        ended = replace(job, state=JobState.CANCELLED, changed_at=services.now())
        job = jobs.save(services.organisers, ended) or get(services, slug, job_id)
    if job.state is JobState.CANCELLED:
        approving.withdraw(services, job)
        _queue(services, RunSlice(slug=slug, job_id=job_id))
    return job


def request_link(services: Services, job: Job, *, by: Actor) -> None:
    """Ask the exporter for a link to the file of an export. Raises Unavailable."""
    _queue(services, MakeExportLink(slug=job.slug, job_id=job.id, organiser_id=by.id))


def find_link(services: Services, job: Job, *, of: Actor) -> ExportLink | None:
    """The link of an organiser to the file of an export while it works, or None."""
    return export_links.find(services.organisers, job.slug, job.id, of.id, now=services.now())


def has_file(services: Services, job: Job) -> bool:
    """Whether the file of an export is still there."""
    return job.state is JobState.DONE and services.now() < deleted_at(job)


def deleted_at(job: Job) -> datetime:
    """When the bucket may delete the file of an export that is done."""
    return job.changed_at + export_files.KEPT


def get(services: Services, slug: str, job_id: str) -> Job:
    """An export. Raises NotFound."""
    job = jobs.get(services.organisers, slug, job_id)
    if job.kind is not JobKind.EXPORT:
        raise NotFound
    return job


def exports_of(services: Services, slug: str) -> Sequence[Job]:
    """The exports of a petition, the newest first."""
    listed = jobs.list_newest(services.organisers, slug, now=services.now())
    return [job for job in listed if job.kind is JobKind.EXPORT]


def _queue(services: Services, job: OrganiserJob) -> None:
    job_queue.put(services.sqs, services.settings.export_queue_url, job, services.job_key)
