"""The second organiser at the desk: one asks to send an update, another approves what they see."""

from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, update_asking
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.update_sending import PATH, show_page, start
from chalicelib.routes.desk.updates import id_of
from chalicelib.usecases.alerts import approving, listing
from chalicelib.usecases.alerts.approving import AmendedMeanwhile, ApprovalNeeded

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_NO_SECOND: Final = "Nothing was approved: you have asked yourself, or it was taken back."
_CHANGED: Final = "Nothing was approved: the update has changed since you looked. Look again."


@route(f"{PATH}/ask", methods=["POST"], permission=Permission.SEND, touch=True)
def ask(request: DeskRequest, slug: str, name: str) -> Response:
    """Ask a second organiser to approve it as it is now."""
    update_asking.ask(request, slug, name)
    return pages.see_other(desk_urls.update(slug, name, "send"))


@route(f"{PATH}/withdraw", methods=["POST"], permission=Permission.SEND)
def withdraw(request: DeskRequest, slug: str, name: str) -> Response:
    """Take back what was asked for, also if it was approved."""
    update_id = id_of(slug, name)
    request.record(Act.WITHDRAW_SENDING, name)
    approving.withdraw(request.services, update_id)
    return pages.see_other(desk_urls.update(slug, name, "send"))


@route(f"{PATH}/approve", methods=["POST"], permission=Permission.SEND, touch=True)
def approve(request: DeskRequest, slug: str, name: str) -> Response:
    """Approve what was seen. It is mailed at once, unless its time is still to come."""
    update_id = id_of(slug, name)
    request.record(Act.APPROVE_SENDING, name)
    digest = request.fields.get("digest", "")
    try:
        approving.approve(request.services, update_id, digest, by=request.actor)
    except AmendedMeanwhile:
        return show_page(request, slug, name, note=_CHANGED, status=409)
    except ApprovalNeeded:
        return show_page(request, slug, name, note=_NO_SECOND, status=403)
    update = listing.find_update(request.services, update_id)
    if update and update.send_at and not update.is_late(request.services.now()):
        return pages.see_other(desk_urls.update(slug, name, "send"))
    # What cannot be sent yet is approved all the same.
    return start(request, slug, name, update_id, unsent_status=200)
