"""Closing a petition at the desk before its last day."""

from dataclasses import dataclass
from datetime import UTC
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import opening
from chalicelib.usecases.petitions.opening import NotReadyToPublish

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_CLOSE: Final = "/desk/petitions/{slug}/end/close"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ClosePage(DeskPage):
    """Whether the petition can be closed now, and its last day. `state` is "" before it opens.

    `closed_at` is the time of day at which somebody closed it, or "".
    """

    template: ClassVar[str] = "write_close.html"
    action: str
    state: str
    closes_on: str
    closed_at: str
    today: str
    settings: str
    text: str
    refused: bool


@route(_CLOSE, permission=Permission.STEWARD)
def show_closing(request: DeskRequest, slug: str) -> Response:
    """When the petition closes by itself, and the form that closes it now."""
    return _page(request, slug, refused=False)


@route(_CLOSE, methods=["POST"], permission=Permission.STEWARD, touch=True, act=Act.CLOSE)
def close(request: DeskRequest, slug: str) -> Response:
    """Close the petition at once."""
    try:
        opening.close_now(request.services, slug, by=request.actor)
    except NotReadyToPublish:
        return _page(request, slug, refused=True)
    return pages.see_other(_path(slug))


def _page(request: DeskRequest, slug: str, *, refused: bool) -> Response:
    current = opening.find_published(request.services, slug)
    now = request.services.now()
    state = current.state(now) if current else None
    contents = ClosePage(
        layout=pages.layout(request, "Close"),
        action=_path(slug) if state is PetitionState.OPEN else "",
        state=state.value if state else "",
        closes_on=current.closes_on.isoformat() if current else "",
        closed_at=f"{current.closed_at:%H:%M}" if current and current.closed_at else "",
        today=now.astimezone(UTC).date().isoformat(),
        settings=write_url(slug, "settings"),
        text=write_url(slug),
        refused=refused,
    )
    return pages.page(request, contents, status=409 if refused else 200)


def _path(slug: str) -> str:
    return desk_urls.petition(slug, "end/close")
