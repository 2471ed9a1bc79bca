"""Asks a second organiser to approve the sending of an update, and mails those who may."""

from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.organisers.trail import Act
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import id_of
from chalicelib.usecases.alerts import approving, listing
from chalicelib.usecases.organisers import notifying


def ask(request: DeskRequest, slug: str, name: str) -> None:
    """Ask for the approval of an update as it is now. Raises NotFound, Unavailable."""
    request.record(Act.ASK_TO_SEND, name)
    approving.ask(request.services, id_of(slug, name), by=request.actor)
    notifying.notify_approvers(request.services, slug, ApprovalKind.SENDING, name)


def ask_if_due(request: DeskRequest, slug: str, name: str) -> None:
    """Ask for an unsent update that has a time, or has changed since somebody asked for it.

    Raises NotFound, Unavailable.
    """
    update_id = id_of(slug, name)
    news = listing.find_news(request.services, update_id)
    if news.update is None or news.alert:
        return
    approval = approving.show(request.services, update_id)
    was_asked = approval.asked is not None
    if approval.needed and (approval.is_void or (not was_asked and news.update.send_at)):
        ask(request, slug, name)
