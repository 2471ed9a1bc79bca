"""The pages by which organisers come in, by passkey or by a mailed link, and go."""

import json
import re
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain import typed_text
from chalicelib.domain.organisers.organiser import IDLE, LINK_LIFETIME, LinkKind
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, session_cookie
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import AnonymousRequest
from chalicelib.usecases.organisers import entering, joining
from chalicelib.usecases.organisers.entering import Entered
from chalicelib.usecases.organisers.joining import LinkOver, WrongRecoveryCode

blueprint = Blueprint(__name__)
route = access.router(blueprint)

SCRIPT: Final = "desk-passkeys.js"
_MAX_DEVICE_CHARACTERS: Final = 60
_MAX_PATH: Final = 500
_PATH: Final = re.compile(rf"{desk_urls.HOME}(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
"""A path of the desk, without empty parts and without those that lead upwards."""
NOT_ACCEPTED: Final = (
    "The passkey was not accepted. It may not belong to the desk, or this page was open for more "
    "than ten minutes. Try again."
)
_WRONG_CODE: Final = "This is not your recovery code. Type it again, as it is printed."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EnterPage(DeskPage):
    """The button that signs in. `options` are what the browser needs, as JSON.

    `ended`: the browser still has the cookie of a session that is over.
    """

    template: ClassVar[str] = "enter.html"
    action: str
    options: str
    problem: str
    wanted: str
    ended: bool
    idle_minutes: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InvitationPage(DeskPage):
    """The button that makes a passkey by a mailed link. `needs_code`: the printed code, too.

    `account` leads to those who have a passkey already; "" for a recovery.
    """

    template: ClassVar[str] = "invitation.html"
    action: str
    options: str
    problem: str
    name: str
    recovers: bool
    needs_code: bool
    code_problem: str
    account: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LinkOverPage(DeskPage):
    """A mailed link that cannot be used: it looks the same whatever the reason."""

    template: ClassVar[str] = "link_over.html"
    enter: str
    minutes: int


@route(desk_urls.ENTER, anyone=True)
def show_entry(request: AnonymousRequest) -> Response:
    """The page to sign in; who is signed in goes on to the desk."""
    if entering.find_session(request.services, session_cookie.value_of(request)):
        return pages.see_other(desk_urls.HOME)
    return _entry(request)


@route(desk_urls.ENTER, methods=["POST"], anyone=True)
def enter(request: AnonymousRequest) -> Response:
    """Sign in with a passkey."""
    answer = request.fields.get("answer", "")
    try:
        entered = entering.enter(request.services, answer, device=device_of(request))
    except PasskeyRefused:
        return _entry(request, NOT_ACCEPTED)
    return signed_in(request, entered, _wanted(request.fields.get("wanted", "")))


@route(desk_urls.LEAVE, methods=["POST"], anyone=True)
def leave(request: AnonymousRequest) -> Response:
    """Sign out, also if the session is over."""
    session = entering.find_session(request.services, session_cookie.value_of(request))
    if session:
        entering.end_session(request.services, session.organiser_id, session.id)
    return session_cookie.removed_by(pages.see_other(desk_urls.ENTER))


@route(desk_urls.invitation("{token}"), anyone=True)
def show_invitation(request: AnonymousRequest, token: str) -> Response:
    """The page of a mailed link, which is not used up by it."""
    return _invitation(request, token)


@route(desk_urls.invitation("{token}"), methods=["POST"], anyone=True)
def join(request: AnonymousRequest, token: str) -> Response:
    """Use a mailed link up: store its passkey, and sign in."""
    answer, code = request.fields.get("answer", ""), request.fields.get("code", "")
    try:
        entered = joining.join(
            request.services, token, answer, code=code, device=device_of(request)
        )
    except PasskeyRefused:
        return _invitation(request, token, problem=NOT_ACCEPTED)
    except WrongRecoveryCode:
        return _invitation(request, token, code_problem=_WRONG_CODE)
    except LinkOver:
        return link_over(request)
    return signed_in(request, entered, desk_urls.YOU)


def _entry(request: AnonymousRequest, problem: str = "") -> Response:
    contents = EnterPage(
        layout=pages.layout(request, "Sign in", scripts=[SCRIPT]),
        action=desk_urls.ENTER,
        options=json.dumps(entering.entry_options(request.services)),
        problem=problem,
        wanted=request.fields.get("wanted", "") if problem else "",
        ended=bool(session_cookie.value_of(request)) and not problem,
        idle_minutes=IDLE.seconds // 60,
    )
    return pages.page(request, contents, status=403 if problem else 200)


def _invitation(
    request: AnonymousRequest, token: str, *, problem: str = "", code_problem: str = ""
) -> Response:
    try:
        opened = joining.open_link(request.services, token)
    except LinkOver:
        return link_over(request)
    recovers = opened.link.kind is LinkKind.RECOVERY
    title = "Make a new passkey" if recovers else "You are invited"
    contents = InvitationPage(
        layout=pages.layout(request, title, scripts=[SCRIPT]),
        action=desk_urls.invitation(token),
        options=json.dumps(joining.passkey_options(request.services, opened)),
        problem=problem,
        name=opened.organiser.name,
        recovers=recovers,
        needs_code=opened.link.needs_code,
        code_problem=code_problem,
        account="" if recovers else desk_urls.invitation_account(token),
    )
    return pages.page(request, contents, status=403 if problem or code_problem else 200)


def link_over(request: AnonymousRequest) -> Response:
    """The page of a link that cannot be used, whatever the reason."""
    contents = LinkOverPage(
        layout=pages.layout(request, "This link cannot be used"),
        enter=desk_urls.ENTER,
        minutes=LINK_LIFETIME.seconds // 60,
    )
    return pages.page(request, contents, status=403)


def signed_in(request: AnonymousRequest, entered: Entered, path: str) -> Response:
    """Go on with the cookie of a new session. One that the browser had before is ended."""
    former = entering.find_session(request.services, session_cookie.value_of(request))
    if former:
        entering.end_session(request.services, former.organiser_id, former.id)
    return session_cookie.set_on(pages.see_other(path), entered.cookie)


def _wanted(path: str) -> str:
    """The page of the desk that somebody had asked for; the home for any other path."""
    return path if _PATH.fullmatch(path) and len(path) <= _MAX_PATH else desk_urls.HOME


def device_of(request: AnonymousRequest) -> str:
    """How the script describes browser and system: only the organiser's own page shows it."""
    told = typed_text.trimmed(request.fields.get("device", ""))[:_MAX_DEVICE_CHARACTERS]
    return "" if typed_text.find_hidden_in_line(told) else told
