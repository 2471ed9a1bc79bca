"""A petition's folder at the desk: files in, and a zip of them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import translations
from chalicelib.routes.desk import access, draft_forms, pages
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting, folders
from chalicelib.usecases.petitions.folders import FileProblem

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_FOLDER: Final = "/desk/petitions/{slug}/write/folder"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FolderPage(DeskPage):
    """The form for files, and what could not be read of those that came."""

    template: ClassVar[str] = "write_folder.html"
    action: str
    download: str
    labels: Sequence[str]
    problems: Sequence[FileProblem]
    may_edit: bool


@route(_FOLDER, permission=Permission.VIEW)
def show_folder(request: DeskRequest, slug: str) -> Response:
    """The form for files, and the link to those of the draft."""
    return _page(request, slug, ())


@route(_FOLDER, methods=["POST"], permission=Permission.EDIT, act=Act.UPLOAD_DRAFT)
def upload_files(request: DeskRequest, slug: str) -> Response:
    """Take files into the draft: all, or none if one cannot be read."""
    files = folders.unpacked({file.name: file.content for file in request.files.values()})
    if not files:
        nothing = FileProblem(file="", line=1, what="No file was chosen.", remedy="Choose some.")
        return _page(request, slug, [nothing])
    current = drafting.get_draft(request.services, slug).source
    read = folders.read_files(slug, files, current)
    if read.problems:
        return _page(request, slug, read.problems)
    drafting.replace_all(
        request.services,
        read.source,
        picture=read.picture,
        by=request.actor,
        note="Files were uploaded",
    )
    return pages.see_other(write_url(slug))


@route(f"{_FOLDER}.zip", permission=Permission.VIEW)
def download_folder(request: DeskRequest, slug: str) -> Response:
    """The files of the draft's folder, packed."""
    content = folders.archive(request.services, slug)
    return pages.download(content, name=f"{slug}.zip", media_type="application/zip")


def _page(request: DeskRequest, slug: str, problems: Sequence[FileProblem]) -> Response:
    contents = FolderPage(
        layout=pages.layout(request, "Files", crumbs=draft_forms.crumbs(slug)),
        action=write_url(slug, "folder"),
        download=write_url(slug, "folder.zip"),
        labels=[
            "The whole folder, as a .zip",
            folders.PETITION_FILE,
            "picture.svg, .jpg or .png",
            *(f"{language}.md" for language in translations.languages()),
        ],
        problems=problems,
        may_edit=request.may(Permission.EDIT),
    )
    return pages.page(request, contents, status=422 if problems else 200)
