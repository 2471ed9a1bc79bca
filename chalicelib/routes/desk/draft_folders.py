"""The folder of a petition at the desk, with its updates: files in, and a zip of them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls, translations
from chalicelib.rendering.folder_files import PETITION_FILE, FileProblem
from chalicelib.routes.desk import access, draft_forms, forms, pages
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting, folders
from chalicelib.usecases.petitions.folders import TakenFiles

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_FOLDER: Final = "/desk/petitions/{slug}/write/folder"
_NOTHING: Final = FileProblem(file="", line=1, what="No file was chosen.", remedy="Choose some.")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FolderPage(DeskPage):
    """The form for files, and what became of those that came.

    `download` is "" if nothing is written. `drafted` and `kept` are updates, by name and path: what
    the files say of the first is their draft now; the others are published, and stay as they are.
    """

    template: ClassVar[str] = "write_folder.html"
    action: str
    download: str
    updates: str
    labels: Sequence[str]
    problems: Sequence[FileProblem]
    drafted: Sequence[tuple[str, str]]
    kept: Sequence[tuple[str, str]]
    may_edit: bool


@route(_FOLDER, permission=Permission.VIEW)
def show_folder(request: DeskRequest, slug: str) -> Response:
    """The form for files, and the link to those of the drafts."""
    return _page(request, slug, TakenFiles())


@route(_FOLDER, methods=["POST"], permission=Permission.EDIT, act=Act.UPLOAD_DRAFT)
def upload_files(request: DeskRequest, slug: str) -> Response:
    """Take files into the drafts of the petition and its updates: all, or none."""
    files = {file.name: file.content for file in request.files.values()}
    if not files:
        return _page(request, slug, TakenFiles(problems=[_NOTHING]))
    taken = folders.take(
        request.services, slug, files, by=request.actor, note="Files were uploaded"
    )
    if taken == TakenFiles():
        return pages.see_other(write_url(slug))
    return _page(request, slug, taken)


@route(f"{_FOLDER}.zip", permission=Permission.VIEW)
def download_folder(request: DeskRequest, slug: str) -> Response:
    """The files of the drafts, packed."""
    content = folders.archive(request.services, slug)
    if len(content) > forms.MAX_BYTES:
        text = (
            f"Packed, its files take {len(content):,} bytes: more than a page can send. The "
            "operator of the service fetches it with a command."
        )
        back = write_url(slug, "folder")
        return pages.message(request, "The folder is too large to download", text, back=back)
    return pages.download(content, name=f"{slug}.zip", media_type="application/zip")


def _page(request: DeskRequest, slug: str, taken: TakenFiles) -> Response:
    is_written = drafting.find_draft(request.services, slug) is not None
    contents = FolderPage(
        layout=pages.layout(request, "Files", crumbs=draft_forms.crumbs(slug)),
        action=write_url(slug, "folder"),
        download=write_url(slug, "folder.zip") if is_written else "",
        updates=desk_urls.petition(slug, "updates"),
        labels=[
            "The whole folder, as a .zip",
            PETITION_FILE,
            "picture.svg, .jpg or .png",
            *(f"{language}.md" for language in translations.languages()),
        ],
        problems=taken.problems,
        drafted=_links(slug, taken.drafted),
        kept=_links(slug, taken.kept),
        may_edit=request.may(Permission.EDIT),
    )
    return pages.page(request, contents, status=422 if taken.problems else 200)


def _links(slug: str, names: Sequence[str]) -> Sequence[tuple[str, str]]:
    return [(name, desk_urls.update(slug, name)) for name in names]
