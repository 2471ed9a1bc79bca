"""Versions of drafts of petitions and updates: what each changed, and bringing one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import text_changes
from chalicelib.domain.petitions.draft import SourceChange
from chalicelib.domain.petitions.text_changes import Piece
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields, update_texts
from chalicelib.routes.desk.draft_forms import ShownVersion, write_url
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import id_of
from chalicelib.usecases.petitions import drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_VERSIONS: Final = "/desk/petitions/{slug}/write/versions"
_OF_UPDATE: Final = f"{update_texts.PATH}/versions"
_NUMBERED: Final = 8
"""The most digits of the number of a version."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class VersionsPage(DeskPage):
    """The newest versions of a draft, the newest first."""

    template: ClassVar[str] = "write_versions.html"
    versions: Sequence[ShownVersion]
    most: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ValueChange:
    """A value that a version changed, in the words that stayed, went and came."""

    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class VersionPage(DeskPage):
    """What a version changed of the one before it. `restore` is "" for who may only look."""

    template: ClassVar[str] = "write_version.html"
    version: ShownVersion
    changes: Sequence[ValueChange]
    restore: str


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A draft whose versions are shown: its id, the page of its text, and the way there."""

    id: str
    text: str
    crumbs: Sequence[Crumb]

    @property
    def versions(self) -> str:
        return f"{self.text}/versions"


@route(_VERSIONS, permission=Permission.VIEW)
def show_versions(request: DeskRequest, slug: str) -> Response:
    """The list of versions."""
    return _list_page(request, _petition(slug))


@route(f"{_VERSIONS}/{{number}}", permission=Permission.VIEW)
def show_version(request: DeskRequest, slug: str, number: str) -> Response:
    """A version, word by word."""
    return _version_page(request, _petition(slug), number, Permission.EDIT)


@route(
    f"{_VERSIONS}/{{number}}/restore",
    methods=["POST"],
    permission=Permission.EDIT,
    act=Act.RESTORE_DRAFT,
)
def restore_version(request: DeskRequest, slug: str, number: str) -> Response:
    """Make what an older version says the newest one."""
    return _restored(request, _petition(slug), number)


@route(_OF_UPDATE, permission=Permission.VIEW)
def show_versions_of_update(request: DeskRequest, slug: str, name: str) -> Response:
    """The list of versions of an update."""
    return _list_page(request, _update(slug, name))


@route(f"{_OF_UPDATE}/{{number}}", permission=Permission.VIEW)
def show_version_of_update(request: DeskRequest, slug: str, name: str, number: str) -> Response:
    """A version of an update, word by word."""
    return _version_page(request, _update(slug, name), number, Permission.WRITE_UPDATES)


@route(
    f"{_OF_UPDATE}/{{number}}/restore",
    methods=["POST"],
    permission=Permission.WRITE_UPDATES,
    act=Act.RESTORE_DRAFT,
)
def restore_version_of_update(request: DeskRequest, slug: str, name: str, number: str) -> Response:
    """Make what an older version of an update says the newest one."""
    return _restored(request, _update(slug, name), number)


def _petition(slug: str) -> _Written:
    return _Written(id=slug, text=write_url(slug), crumbs=draft_forms.crumbs(slug))


def _update(slug: str, name: str) -> _Written:
    text = desk_urls.update(slug, name, "text")
    way = [*update_texts.crumbs(slug, name), Crumb(label="Text", href=text)]
    return _Written(id=id_of(slug, name), text=text, crumbs=way)


def _list_page(request: DeskRequest, written: _Written) -> Response:
    versions = drafting.list_versions(request.services, written.id)
    contents = VersionsPage(
        layout=pages.layout(request, "Versions", crumbs=written.crumbs),
        versions=[draft_forms.shown_version(version, written.versions) for version in versions],
        most=drafting.LISTED,
    )
    return pages.page(request, contents)


def _version_page(
    request: DeskRequest, written: _Written, number: str, permission: Permission
) -> Response:
    version = drafting.get_version(request.services, written.id, _number(number)).version
    changes = drafting.changes_of(request.services, written.id, version.number)
    shown = draft_forms.shown_version(version, written.versions)
    contents = VersionPage(
        layout=pages.layout(
            request,
            f"Version {version.number}",
            crumbs=[*written.crumbs, Crumb(label="Versions", href=written.versions)],
        ),
        version=shown,
        changes=[shown_change(change) for change in changes],
        restore=f"{shown.href}/restore" if request.may(permission) else "",
    )
    return pages.page(request, contents)


def shown_change(change: SourceChange) -> ValueChange:
    """A value of a draft before and after, word by word."""
    return ValueChange(
        label=petition_fields.label_of(change.path),
        pieces=text_changes.compared(change.before, change.after),
    )


def _restored(request: DeskRequest, written: _Written, number: str) -> Response:
    drafting.restore(request.services, written.id, _number(number), by=request.actor)
    return pages.see_other(written.text)


def _number(typed: str) -> int:
    """The number of a version in a path. Raises NotFound."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _NUMBERED):
        raise NotFound
    return int(typed)
