"""Lets a second organiser approve an export, where the petition asks for it."""

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.domain.organisers.jobs import Job
from chalicelib.store.organisers import approvals
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services


def is_needed(services: Services, slug: str) -> bool:
    """Whether the exports of a petition need a second organiser. Raises NotFound."""
    petition = petitions.get(services.petitions, slug)
    return ApprovalKind.EXPORTS in petition.approvals


def ask(services: Services, job: Job) -> bool:
    """Ask for an approval of a new export if its petition needs one; whether it does."""
    if not is_needed(services, job.slug):
        return False
    approvals.ask(
        services.organisers,
        job.slug,
        ApprovalKind.EXPORTS,
        job.id,
        job.id,
        by=job.asked_by,
        now=services.now(),
    )
    return True


def approve(services: Services, job: Job, *, by: Actor) -> bool:
    """Approve an export. False if this organiser has asked for it, or nobody has."""
    return approvals.mark_approved(
        services.organisers,
        job.slug,
        ApprovalKind.EXPORTS,
        job.id,
        # Its id alone says what is exported: all signatures, at a moment that is not chosen.
        job.id,
        by=by,
        now=services.now(),
    )


def withdraw(services: Services, job: Job) -> None:
    """Ask for no approval any more. Safe to repeat. Raises Unavailable."""
    approvals.withdraw(services.organisers, job.slug, ApprovalKind.EXPORTS, job.id)


def may_begin(services: Services, job: Job) -> bool:
    """Whether a job needs no approval, or a second organiser has approved it.

    What was asked for waits for its answer, though the petition may require none any more.
    """
    found = find(services, job)
    return found.covers(job.id) if found else not is_needed(services, job.slug)


def find(services: Services, job: Job) -> Approval | None:
    """The approval of an export, given or asked for, or None."""
    return approvals.find(services.organisers, job.slug, ApprovalKind.EXPORTS, job.id)
