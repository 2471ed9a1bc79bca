"""The approval of an act by a second organiser: nobody approves what they have asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.roles import Permission


class ApprovalKind(StrEnum):
    """What a petition can require a second organiser for: the words of its `approvals`."""

    EXPORTS = "exports"
    SENDING = "sending"


APPROVERS: Final[Mapping[ApprovalKind, Permission]] = {
    ApprovalKind.EXPORTS: Permission.EXPORT,
    ApprovalKind.SENDING: Permission.SEND,
}
"""What a second organiser must be allowed to do."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What waits for a second organiser, or was approved.

    `subject` names the thing: an update, or the job of an export. `digest` is that of what is
    approved, as it was when it was asked for.
    """

    slug: str
    kind: ApprovalKind
    subject: str
    digest: str
    asked_by: Actor
    asked_at: datetime
    approved_by: Actor | None = None
    approved_at: datetime | None = None

    def covers(self, digest: str) -> bool:
        """Whether a second organiser has approved exactly what has this digest."""
        return self.approved_by is not None and self.digest == digest

    def may_be_approved_by(self, organiser_id: str) -> bool:
        """Whether this organiser is a second one, and the approval still waits."""
        return self.approved_by is None and self.asked_by.id != organiser_id
