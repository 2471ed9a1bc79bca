"""The page by which people take an invitation with the account that they have already."""

import json
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, entry, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import AnonymousRequest
from chalicelib.usecases.organisers import accepting
from chalicelib.usecases.organisers.joining import LinkOver

blueprint = Blueprint(__name__)
route = access.router(blueprint)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InvitationAccountPage(DeskPage):
    """The button that signs in and takes the invitation. `back` leads to a new passkey."""

    template: ClassVar[str] = "invitation_account.html"
    action: str
    options: str
    problem: str
    back: str


@route(desk_urls.invitation_account("{token}"), anyone=True)
def show_account(request: AnonymousRequest, token: str) -> Response:
    """The page to sign in with, which does not use the link up."""
    return _page(request, token)


@route(desk_urls.invitation_account("{token}"), methods=["POST"], anyone=True)
def accept(request: AnonymousRequest, token: str) -> Response:
    """Use the link up: its petition joins those of the account that signs in."""
    answer, device = request.fields.get("answer", ""), entry.device_of(request)
    try:
        entered = accepting.accept(request.services, token, answer, device=device)
    except PasskeyRefused:
        return _page(request, token, problem=entry.NOT_ACCEPTED)
    except LinkOver:
        return entry.link_over(request)
    return entry.signed_in(request, entered, desk_urls.HOME)


def _page(request: AnonymousRequest, token: str, *, problem: str = "") -> Response:
    try:
        opened = accepting.open_invitation(request.services, token)
    except LinkOver:
        return entry.link_over(request)
    contents = InvitationAccountPage(
        layout=pages.layout(request, "Take the invitation", scripts=[entry.SCRIPT]),
        action=desk_urls.invitation_account(token),
        options=json.dumps(accepting.passkey_options(request.services, opened)),
        problem=problem,
        back=desk_urls.invitation(token),
    )
    return pages.page(request, contents, status=403 if problem else 200)
