"""Approvals of sendings: where a petition requires that, a second organiser approves an update.

What is approved is all that the mails say, by its digest. A change of the text makes the approval
void; another time to send does not. What the service writes by the clock, at a goal or before the
end, needs none: nobody chooses its words or its moment. Somebody types the day of the hand-in, so
its update needs one.
"""

from dataclasses import dataclass
from typing import Final

from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import split_id
from chalicelib.store.organisers import approvals
from chalicelib.store.petitions import petitions, updates
from chalicelib.wiring import Services

_HANDED_IN: Final = Occasion(milestone=Milestone.HANDED_IN).name


class ApprovalNeeded(Exception):
    """No second organiser has approved the update as it is now."""


class AmendedMeanwhile(Exception):
    """The update is no longer what was asked for, or seen."""


@dataclass(frozen=True, kw_only=True)
class SendingApproval:
    """Whether an update needs an approval, its digest as it is now, and what was asked for."""

    needed: bool
    digest: str
    asked: Approval | None

    @property
    def is_void(self) -> bool:
        """Whether the update has changed since the approval was asked for."""
        return self.asked is not None and self.asked.digest != self.digest

    @property
    def given(self) -> bool:
        """Whether a second organiser has approved the update as it is now."""
        return self.asked is not None and self.asked.covers(self.digest)


def show(services: Services, update_id: str) -> SendingApproval:
    """What there is of approval for an update. Raises NotFound, Unavailable."""
    slug, name = split_id(update_id)
    petition = petitions.get(services.petitions, slug)
    update = updates.get(services.petitions, slug, name)
    return _approval(services, petition, content.frozen(petition, [update], whole=True))


def ask(services: Services, update_id: str, *, by: Actor) -> None:
    """Ask a second organiser to approve an update as it is now. Raises NotFound, Unavailable."""
    slug, name = split_id(update_id)
    approvals.ask(
        services.organisers,
        slug,
        ApprovalKind.SENDING,
        name,
        show(services, update_id).digest,
        by=by,
        now=services.now(),
    )


def withdraw(services: Services, update_id: str) -> None:
    """Take back what was asked for, also if it was approved. Raises Unavailable."""
    slug, name = split_id(update_id)
    approvals.withdraw(services.organisers, slug, ApprovalKind.SENDING, name)


def approve(services: Services, update_id: str, digest: str, *, by: Actor) -> None:
    """Approve an update whose digest somebody has seen, as a second organiser.

    Raises AmendedMeanwhile, ApprovalNeeded (the same organiser has asked, or nobody), NotFound,
    Unavailable.
    """
    slug, name = split_id(update_id)
    if show(services, update_id).digest != digest:
        raise AmendedMeanwhile
    approved = approvals.mark_approved(
        services.organisers,
        slug,
        ApprovalKind.SENDING,
        name,
        digest,
        by=by,
        now=services.now(),
    )
    if not approved:
        raise ApprovalNeeded


def check(services: Services, petition: Petition, frozen: AlertContent) -> None:
    """Raise ApprovalNeeded unless what an alert is to say may be sent. Raises Unavailable."""
    found = _approval(services, petition, frozen)
    if found.needed and not found.given:
        raise ApprovalNeeded


def _approval(services: Services, petition: Petition, frozen: AlertContent) -> SendingApproval:
    [update] = frozen.updates
    by_clock = update.automatic and update.name != _HANDED_IN
    needed = ApprovalKind.SENDING in petition.approvals and not by_clock
    asked = None
    if needed:
        asked = approvals.find(
            services.organisers, petition.slug, ApprovalKind.SENDING, update.name
        )
    return SendingApproval(needed=needed, digest=frozen.digest, asked=asked)
