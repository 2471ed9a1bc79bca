"""Finds what waits for a second organiser's approval, and the updates not mailed for want of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.domain.alerts import content
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.store.alerts import alerts
from chalicelib.store.organisers import approvals
from chalicelib.store.petitions import updates
from chalicelib.wiring import Services

_LOOKS_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class UnapprovedUpdate:
    """An update that waits for a second organiser, and what was asked for, if anything was.

    `is_void`: the update has changed since.
    """

    update: Update
    asked: Approval | None
    is_void: bool

    @property
    def asked_by(self) -> str:
        """The name of who has asked for it as it is now, or ""."""
        return self.asked.asked_by.name if self.asked and not self.is_void else ""


def list_waiting(services: Services, petition: Petition) -> Sequence[Approval]:
    """What waits for a second organiser. No call where the petition requires no approval.

    Raises Unavailable.
    """
    if not petition.approvals:
        return ()
    return approvals.list_waiting(services.organisers, petition.slug)


def list_unapproved(
    services: Services, petition: Petition, waiting: Sequence[Approval]
) -> Sequence[UnapprovedUpdate]:
    """The updates that were asked for or have a time, and that nobody has approved as they are.

    `waiting` is what `list_waiting` has found. No call where mailing requires no approval; else a
    query, and two reads for each update with a time from 30 days ago on. Raises Unavailable.
    """
    if ApprovalKind.SENDING not in petition.approvals:
        return ()
    asked = {each.subject for each in waiting if each.kind is ApprovalKind.SENDING}
    since = services.now() - _LOOKS_BACK
    found = (
        _unapproved(services, petition, update)
        for update in updates.list_of(services.petitions, petition.slug)
        if (update.name in asked or (update.send_at and update.send_at >= since))
        and alerts.find_id(services.petitions, petition.slug, update.name) is None
    )
    return [each for each in found if each]


def _unapproved(services: Services, petition: Petition, update: Update) -> UnapprovedUpdate | None:
    asked = approvals.find(services.organisers, petition.slug, ApprovalKind.SENDING, update.name)
    digest = content.frozen(petition, [update], whole=True).digest
    if asked is not None and asked.covers(digest):
        return None
    is_void = asked is not None and asked.digest != digest
    return UnapprovedUpdate(update=update, asked=asked, is_void=is_void)
