"""Removing a draft at the desk that was never published."""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import opening, removing
from chalicelib.usecases.petitions.removing import NotADraft

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_REMOVE: Final = "/desk/petitions/{slug}/end/remove"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RemovePage(DeskPage):
    """The form that removes the draft. `error` is about the typed `name`.

    `interrupted`: a removal has begun and did not end.
    """

    template: ClassVar[str] = "end_remove.html"
    action: str
    folder: str
    slug: str
    name: str
    error: str
    interrupted: bool


@route(_REMOVE, permission=Permission.STEWARD)
def show_removal(request: DeskRequest, slug: str) -> Response:
    """What is deleted with a draft, and the form that does it."""
    if opening.find_published(request.services, slug) is not None:
        return pages.see_other(desk_urls.petition(slug, "end"))
    return _page(request, slug)


@route(_REMOVE, methods=["POST"], permission=Permission.STEWARD, touch=True, act=Act.REMOVE_DRAFT)
def remove(request: DeskRequest, slug: str) -> Response:
    """Remove the draft, if its petition's name was typed."""
    name = request.fields.get("name", "").strip()
    if name != slug:
        return _page(request, slug, name=name, error=f"Type {slug} to delete it all.")
    try:
        removing.remove(request.services, slug, by=request.actor)
    except NotADraft:
        return pages.message(
            request,
            "The draft was not removed",
            "The petition is published, or you are no steward of it any more.",
            back=desk_urls.petition(slug),
            status=409,
        )
    return pages.see_other(desk_urls.HOME)


def _page(request: DeskRequest, slug: str, *, name: str = "", error: str = "") -> Response:
    contents = RemovePage(
        layout=pages.layout(request, "Remove the draft"),
        action=desk_urls.petition(slug, "end/remove"),
        folder=desk_urls.petition(slug, "write/folder"),
        slug=slug,
        name=name,
        error=error,
        interrupted=removing.has_begun(request.services, slug),
    )
    return pages.page(request, contents, status=422 if error else 200)
