"""The picture of a petition at the desk: chosen, cleaned, taken away."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.picture import MAX_BYTES
from chalicelib.rendering.pictures.faults import BadPicture
from chalicelib.routes.desk import access, draft_forms, pages
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PICTURE: Final = "/desk/petitions/{slug}/write/picture"
_SCRIPTS: Final = ("desk-canvas.js", "desk-picture.js")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WritePicturePage(DeskPage):
    """The picture as it is, at the address `src` that holds all its bytes; "" without one."""

    template: ClassVar[str] = "write_picture.html"
    action: str
    src: str
    size: str
    most: int
    faults: Sequence[str]


@route(_PICTURE, permission=Permission.VIEW)
def show_picture(request: DeskRequest, slug: str) -> Response:
    """The picture, and the form for another."""
    return _page(request, slug, ())


@route(_PICTURE, methods=["POST"], permission=Permission.EDIT, act=Act.SAVE_DRAFT)
def save_picture(request: DeskRequest, slug: str) -> Response:
    """Take another picture, or take it away."""
    file = request.files.get("picture")
    if file is None and request.fields.get("act") != "remove":
        return _page(request, slug, ["Choose a file first."])
    try:
        drafting.save_picture(
            request.services, slug, file.content if file else b"", by=request.actor
        )
    except BadPicture as bad:
        faults = [
            f"{f'Line {fault.line}: ' if fault.line > 1 else ''}{fault.what} {fault.remedy}"
            for fault in bad.faults
        ]
        return _page(request, slug, faults)
    return pages.see_other(write_url(slug, "picture") + pages.SAVED)


def _page(request: DeskRequest, slug: str, faults: Sequence[str]) -> Response:
    draft = drafting.get_draft(request.services, slug)
    picture = draft.source.picture
    src = size = ""
    if picture is not None:
        content = drafting.get_picture(request.services, draft)
        src = f"data:{picture.media_type};base64,{base64.b64encode(content).decode()}"
        size = f"{picture.width} × {picture.height} pixels, {len(content):,} bytes"
    contents = WritePicturePage(
        layout=pages.layout(request, "Picture", scripts=_SCRIPTS, crumbs=draft_forms.crumbs(slug)),
        action=write_url(slug, "picture"),
        src=src,
        size=size,
        most=MAX_BYTES,
        faults=faults,
    )
    return pages.page(request, contents, status=422 if faults else 200)
