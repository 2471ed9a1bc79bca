"""The switches of a petition at the desk, and the notice on its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib import cached
from chalicelib.domain.errors import UnreadableForm
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.switches import BadNotice, Switch
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, petition_fields
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.unpublished import explained
from chalicelib.usecases import pressure
from chalicelib.usecases.alerts import switching

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PAGE: Final = desk_urls.petition("{slug}", "switches")
_PROOF_HOURS: Final = 24
_PROOF: Final = "proof"
_NOTICE: Final = "notice-"
"""Before a language: the name of a field."""
_LABELS: Final[Mapping[str, str]] = {
    Switch.SIGNING: "Signing",
    Switch.MAILS: "Mails to signers",
    Switch.ALERTS: "Alerts",
    Switch.COUNT: "The public count",
}
_MEANINGS: Final[Mapping[str, str]] = {
    Switch.SIGNING: (
        "Off: the page says that signing is paused, in the place of the form. A form that was open "
        "comes back with all that was typed. Links in mails that were sent before still work."
    ),
    Switch.MAILS: (
        "Off: the mails with links wait, and go out once this is on again. After four days a mail "
        "is given up."
    ),
    Switch.ALERTS: (
        "Off: updates that are being mailed pause, and those that start wait. They go on once this "
        "is on again."
    ),
    Switch.COUNT: ("Off: no page, card or feed shows how many have signed. Counting goes on."),
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SwitchLine:
    """A switch, with what it does in words."""

    name: str
    label: str
    meaning: str
    on: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NoticeField:
    """The field of the notice in a language."""

    name: str
    code: str
    label: str
    text: str
    error: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SwitchesPage(DeskPage):
    """The switches and the notice. `proof_until` says until when forms need a proof, or is "".

    `errors` are what is wrong with the notice, by its fields.
    """

    template: ClassVar[str] = "switches.html"
    switches: Sequence[SwitchLine]
    proof_until: str
    proof_hours: int
    notice: Sequence[NoticeField]
    errors: Mapping[str, str]
    seconds: int
    throw: str
    save_notice: str


@route(_PAGE, permission=Permission.STEWARD)
@explained
def show_switches(request: DeskRequest, slug: str) -> Response:
    """The switches as they are now."""
    # Not from the cache: who has just thrown a switch sees it thrown.
    request.services.cache.clear()
    return _page(request, slug)


@route(f"{_PAGE}/throw", methods=["POST"], permission=Permission.STEWARD, touch=True)
@explained
def throw(request: DeskRequest, slug: str) -> Response:
    """Switch one thing on or off. The trail says it before it happens."""
    name, on = request.fields.get("name", ""), request.fields.get("to") == "on"
    if name not in (*Switch, _PROOF):
        raise UnreadableForm
    cached.petition(request.services, slug)
    request.record(Act.SWITCH_ON if on else Act.SWITCH_OFF, name)
    if name != _PROOF:
        switching.switch(request.services, slug, Switch(name), on=on)
    elif on:
        until = request.services.now() + timedelta(hours=_PROOF_HOURS)
        pressure.require_proofs(request.services, slug, until=until)
    else:
        pressure.stop_requiring_proofs(request.services, slug)
    return pages.see_other(_PAGE.format(slug=slug) + pages.SAVED)


@route(f"{_PAGE}/notice", methods=["POST"], permission=Permission.STEWARD, touch=True)
@explained
def save_notice(request: DeskRequest, slug: str) -> Response:
    """Show a notice on the petition's page, or none."""
    typed = {
        name.removeprefix(_NOTICE): text
        for name, text in request.fields.items()
        if name.startswith(_NOTICE)
    }
    try:
        switching.check_notice(request.services, slug, typed)
    except BadNotice as error:
        return _page(request, slug, typed=typed, error=error)
    request.record(Act.SET_NOTICE, "shown" if any(typed.values()) else "taken away")
    switching.set_notice(request.services, slug, typed)
    return pages.see_other(_PAGE.format(slug=slug) + pages.SAVED)


def _page(
    request: DeskRequest,
    slug: str,
    *,
    typed: Mapping[str, str] | None = None,
    error: BadNotice | None = None,
) -> Response:
    petition, now = cached.petition(request.services, slug), request.services.now()
    notice = petition.switches.notice if typed is None else typed
    contents = SwitchesPage(
        layout=pages.layout(request, "Switches"),
        switches=[
            SwitchLine(
                name=each,
                label=_LABELS[each],
                meaning=_MEANINGS[each],
                on=petition.switches.is_on(each),
            )
            for each in Switch
        ],
        proof_until=(
            f"{petition.proof_until:%Y-%m-%d %H:%M} UTC"
            if petition.proof_until and petition.requires_proof(now)
            else ""
        ),
        proof_hours=_PROOF_HOURS,
        notice=[
            NoticeField(
                name=f"{_NOTICE}{code}",
                code=code,
                label=petition_fields.language_name(code),
                text=notice.get(code, ""),
                error=str(error) if error and error.language == code else "",
            )
            for code in petition.languages
        ],
        errors=_errors(error) if error else {},
        seconds=2 * request.services.settings.page_cache_seconds,
        throw=f"{_PAGE}/throw".format(slug=slug),
        save_notice=f"{_PAGE}/notice".format(slug=slug),
    )
    return pages.page(request, contents, status=422 if error else 200)


def _errors(error: BadNotice) -> Mapping[str, str]:
    """What is wrong with the notice, at the field of its language."""
    language = error.language
    return {f"{_NOTICE}{language}": f"{petition_fields.language_name(language)}: {error}"}
