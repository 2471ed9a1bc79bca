"""Versions of a draft at the desk: what each changed, and bringing one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import text_changes
from chalicelib.domain.petitions.text_changes import Piece
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields
from chalicelib.routes.desk.draft_forms import ShownVersion, write_url
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_VERSIONS = "/desk/petitions/{slug}/write/versions"
_NUMBERED = 8
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


@route(_VERSIONS, permission=Permission.VIEW)
def show_versions(request: DeskRequest, slug: str) -> Response:
    """The list of versions."""
    versions = drafting.list_versions(request.services, slug)
    contents = VersionsPage(
        layout=pages.layout(request, "Versions", crumbs=draft_forms.crumbs(slug)),
        versions=[draft_forms.shown_version(slug, version) for version in versions],
        most=drafting.LISTED,
    )
    return pages.page(request, contents)


@route(f"{_VERSIONS}/{{number}}", permission=Permission.VIEW)
def show_version(request: DeskRequest, slug: str, number: str) -> Response:
    """A version, word by word."""
    version = drafting.get_version(request.services, slug, _number(number)).version
    changes = drafting.changes_of(request.services, slug, version.number)
    contents = VersionPage(
        layout=pages.layout(
            request,
            f"Version {version.number}",
            crumbs=[
                *draft_forms.crumbs(slug),
                Crumb(label="Versions", href=write_url(slug, "versions")),
            ],
        ),
        version=draft_forms.shown_version(slug, version),
        changes=[
            ValueChange(
                label=petition_fields.label_of(change.path),
                pieces=text_changes.compared(change.before, change.after),
            )
            for change in changes
        ],
        restore=write_url(slug, f"versions/{version.number}/restore")
        if request.may(Permission.EDIT)
        else "",
    )
    return pages.page(request, contents)


@route(
    f"{_VERSIONS}/{{number}}/restore",
    methods=["POST"],
    permission=Permission.EDIT,
    act=Act.RESTORE_DRAFT,
)
def restore_version(request: DeskRequest, slug: str, number: str) -> Response:
    """Make what an older version says the newest one."""
    drafting.restore(request.services, slug, _number(number), by=request.actor)
    return pages.see_other(write_url(slug))


def _number(typed: str) -> int:
    """The number of a version in a path. Raises NotFound."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _NUMBERED):
        raise NotFound
    return int(typed)
