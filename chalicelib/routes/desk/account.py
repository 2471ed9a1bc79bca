"""The page of an organiser's own account: name, passkeys, recovery code, sessions."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.organiser import ABSOLUTE, IDLE
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, entry, pages, session_cookie
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import entering, keeping_accounts

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_YOU: Final = Crumb(label="Your account", href=desk_urls.YOU)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OwnPasskey:
    """A passkey as its owner sees it. Moments are in UTC."""

    id: str
    label: str
    created: str
    used: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OwnSession:
    """A session as its owner sees it. Moments are in UTC."""

    id: str
    device: str
    started: str
    seen: str
    current: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AccountPage(DeskPage):
    """The account of whoever is signed in. `code_made` is the day of the recovery code, or ""."""

    template: ClassVar[str] = "you.html"
    name: str
    passkeys: Sequence[OwnPasskey]
    code_made: str
    sessions: Sequence[OwnSession]
    problem: str
    idle_minutes: int
    absolute_hours: int
    rename: str = desk_urls.RENAME
    add_passkey: str = desk_urls.ADD_PASSKEY
    remove_passkey: str = desk_urls.REMOVE_PASSKEY
    make_code: str = desk_urls.RECOVERY_CODE
    end_session: str = desk_urls.END_SESSION
    end_all: str = desk_urls.END_ALL_SESSIONS


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AddPasskeyPage(DeskPage):
    """The form for one more passkey. `options` are what the browser needs, as JSON."""

    template: ClassVar[str] = "add_passkey.html"
    action: str
    options: str
    label: str
    problem: str
    label_problem: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RecoveryCodePage(DeskPage):
    """A new recovery code, shown once, to be printed."""

    template: ClassVar[str] = "recovery_code.html"
    code: str
    name: str
    made: str
    back: str


@route(desk_urls.YOU)
def show_account(request: DeskRequest) -> Response:
    """The organiser's own account."""
    return _account(request)


@route(desk_urls.RENAME, methods=["POST"])
def rename(request: DeskRequest) -> Response:
    """Change the organiser's name."""
    return _changed(
        request,
        lambda: keeping_accounts.rename(
            request.services, request.session, request.fields.get("name", "")
        ),
    )


@route(desk_urls.ADD_PASSKEY)
def show_passkey_form(request: DeskRequest) -> Response:
    """The form for one more passkey."""
    return _passkey_form(request)


@route(desk_urls.ADD_PASSKEY, methods=["POST"], touch=True)
def add_passkey(request: DeskRequest) -> Response:
    """Store one more passkey."""
    answer, label = request.fields.get("answer", ""), request.fields.get("label", "")
    try:
        keeping_accounts.add_passkey(request.services, request.session, answer, label=label)
    except PasskeyRefused:
        return _passkey_form(request, problem=entry.NOT_ACCEPTED)
    except InvalidForm as error:
        return _passkey_form(request, label_problem=error.errors["label"].text)
    return pages.see_other(desk_urls.YOU)


@route(desk_urls.REMOVE_PASSKEY, methods=["POST"], touch=True)
def remove_passkey(request: DeskRequest) -> Response:
    """Delete a passkey."""
    return _changed(
        request,
        lambda: keeping_accounts.remove_passkey(
            request.services, request.session, request.fields.get("passkey", "")
        ),
    )


@route(desk_urls.RECOVERY_CODE, methods=["POST"], touch=True)
def make_recovery_code(request: DeskRequest) -> Response:
    """Make a new recovery code, and show it this once."""
    contents = RecoveryCodePage(
        layout=pages.layout(request, "Your recovery code", crumbs=[_YOU]),
        code=keeping_accounts.make_recovery_code(request.services, request.session),
        name=request.session.name,
        made=_shown(request.services.now()),
        back=desk_urls.YOU,
    )
    return pages.page(request, contents)


@route(desk_urls.END_SESSION, methods=["POST"])
def end_session(request: DeskRequest) -> Response:
    """End one of the organiser's own sessions."""
    session_id = request.fields.get("session", "")
    entering.end_session(request.services, request.session.organiser_id, session_id)
    return pages.see_other(desk_urls.YOU)


@route(desk_urls.END_ALL_SESSIONS, methods=["POST"])
def end_all_sessions(request: DeskRequest) -> Response:
    """End all of the organiser's own sessions, this one included."""
    entering.end_all_sessions(request.services, request.session.organiser_id)
    return session_cookie.removed_by(pages.see_other(desk_urls.ENTER))


def _changed(request: DeskRequest, change: Callable[[], None]) -> Response:
    """Make a change and show the account; a change that is refused says why there."""
    try:
        change()
    except InvalidForm as error:
        return _account(request, problem=next(iter(error.errors.values())).text)
    return pages.see_other(desk_urls.YOU)


def _account(request: DeskRequest, problem: str = "") -> Response:
    organiser = keeping_accounts.get(request.services, request.session)
    made_at = organiser.recovery_made_at
    contents = AccountPage(
        layout=pages.layout(request, "Your account"),
        name=organiser.name,
        passkeys=[
            OwnPasskey(
                id=passkey.credential_id,
                label=passkey.label,
                created=_shown(passkey.created_at),
                used=_shown(passkey.used_at),
            )
            for passkey in keeping_accounts.list_passkeys(request.services, organiser)
        ],
        code_made=_shown(made_at) if made_at else "",
        sessions=[
            OwnSession(
                id=session.id,
                device=session.device or "unknown browser",
                started=_shown(session.started_at),
                seen=_shown(session.seen_at),
                current=session.id == request.session.id,
            )
            for session in keeping_accounts.list_sessions(request.services, organiser)
        ],
        problem=problem,
        idle_minutes=IDLE.seconds // 60,
        absolute_hours=ABSOLUTE.seconds // 3600,
    )
    return pages.page(request, contents, status=422 if problem else 200)


def _passkey_form(request: DeskRequest, *, problem: str = "", label_problem: str = "") -> Response:
    options = keeping_accounts.passkey_options(request.services, request.session)
    contents = AddPasskeyPage(
        layout=pages.layout(request, "Add a passkey", scripts=[entry.SCRIPT], crumbs=[_YOU]),
        action=desk_urls.ADD_PASSKEY,
        options=json.dumps(options),
        label=request.fields.get("label", "") if request.method == "POST" else "",
        problem=problem,
        label_problem=label_problem,
    )
    return pages.page(request, contents, status=422 if problem or label_problem else 200)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
