"""Mails those who may approve something that another organiser has asked for."""

import hashlib
import logging

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers import roles as role_rules
from chalicelib.domain.organisers.approval import APPROVERS, Approval, ApprovalKind
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.mail.messages import DeskApprovalMail
from chalicelib.people import organiser_mails
from chalicelib.rendering import desk_urls
from chalicelib.store.organisers import approvals
from chalicelib.usecases.organisers import assigning
from chalicelib.usecases.organisers.assigning import Member
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def notify_approvers(services: Services, slug: str, kind: ApprovalKind, subject: str) -> None:
    """Mail everybody who may approve what was asked for, if it still waits.

    Safe to repeat: nobody gets a second mail on the same day for what was asked for once. After a
    fault mails are left out, for it was asked all the same, and the desk shows what waits.
    """
    try:
        waiting = approvals.find(services.organisers, slug, kind, subject)
        if waiting is None or waiting.approved_by:
            return
        for member in assigning.list_members(services, slug):
            if _may_approve(member, waiting):
                _mail(services, member.organiser, waiting)
    except Unavailable:
        log.warning("mails to those who may approve could not be queued")


def _may_approve(member: Member, waiting: Approval) -> bool:
    return (
        member.organiser.entered_at is not None
        and waiting.may_be_approved_by(member.organiser.id)
        and role_rules.may(member.roles, APPROVERS[waiting.kind])
    )


def _mail(services: Services, organiser: OrganiserAccount, waiting: Approval) -> None:
    mail = DeskApprovalMail(
        petition_title="",
        organiser=waiting.asked_by.name,
        discreet=True,
        block_link="",
        reader=organiser.name,
        link=services.settings.desk_origin + desk_urls.HOME,
    )
    asked = f"{waiting.slug}\n{waiting.kind}\n{waiting.subject}\n{waiting.digest}"
    named = f"{asked}\n{waiting.asked_at.isoformat()}\n{organiser.id}"
    job_id = hashlib.sha256(named.encode()).hexdigest()[:32]
    # Each question has a number of its own: only the address has one for all of them.
    organiser_mails.queue_mail(services, organiser, mail, asker=job_id, job_id=job_id)
