"""One export at the desk: its progress, its approval, and the link to its file."""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.jobs import PARTS
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, export_parts, pages
from chalicelib.routes.desk.export_parts import ShownExport, export_path
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.exports import ordering

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_JOB: Final = "/desk/petitions/{slug}/signatures/{job}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ExportPage(DeskPage):
    """One export: how far it is, and what its reader may do. Forms that do not apply are ""."""

    template: ClassVar[str] = "signatures_export.html"
    export: ShownExport
    detail: str
    done: int
    total: int
    held: int
    damaged: int
    size: str
    waits: bool
    is_own: bool
    approve: str
    is_open: bool
    resume: str
    cancel: str
    fetch: str
    link: str
    link_until: str
    keys: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WaitingPage(DeskPage):
    """The link is being made."""

    template: ClassVar[str] = "signatures_link.html"
    back: str


@route(_JOB, permission=Permission.VIEW)
def show_export(request: DeskRequest, slug: str, job: str) -> Response:
    """One export: its progress, and the link to its file."""
    found = ordering.get(request.services, slug, job)
    waits = export_parts.waits_for_approval(request.services, found)
    mine, may = found.asked_by.id == request.actor.id, request.may(Permission.EXPORT)
    has_file = ordering.has_file(request.services, found)
    link = (
        ordering.find_link(request.services, found, of=request.actor) if has_file and may else None
    )
    contents = ExportPage(
        layout=pages.layout(
            request,
            f"List of {export_parts.shown_moment(found.asked_at)}",
            refresh=export_parts.REFRESH_SECONDS if found.is_open and not waits else 0,
            crumbs=[Crumb(label=export_parts.TITLE, href=export_parts.lists_path(slug))],
        ),
        export=export_parts.shown_export(request.services, found),
        detail=found.detail,
        done=found.done_parts,
        total=PARTS,
        held=found.counts.get("held", 0),
        damaged=found.counts.get("damaged", 0),
        size=export_parts.file_size(found),
        waits=waits,
        is_own=mine,
        approve=export_path(slug, job, "approve") if waits and may and not mine else "",
        is_open=found.is_open,
        resume=export_path(slug, job, "resume") if found.is_open and may and not waits else "",
        cancel=export_path(slug, job, "cancel") if found.is_open and may else "",
        fetch=export_path(slug, job, "link") if has_file and may else "",
        link=link.url if link else "",
        link_until=f"{link.expires_at:%H:%M} UTC" if link else "",
        keys=desk_urls.petition(slug, "keys"),
    )
    return pages.page(request, contents)


@route(
    f"{_JOB}/approve",
    methods=["POST"],
    permission=Permission.EXPORT,
    touch=True,
    act=Act.APPROVE_EXPORT,
)
def approve_export(request: DeskRequest, slug: str, job: str) -> Response:
    """Approve an export that another organiser has asked for."""
    services = request.services
    approved = ordering.approve(services, slug, job, by=request.actor)
    if not approved and ordering.get(services, slug, job).is_open:
        return pages.message(
            request,
            "Somebody else must approve it",
            "You have asked for this list yourself. Another organiser who may export approves it.",
            back=export_path(slug, job),
            status=403,
        )
    return pages.see_other(export_path(slug, job))


@route(f"{_JOB}/resume", methods=["POST"], permission=Permission.EXPORT)
def resume_export(request: DeskRequest, slug: str, job: str) -> Response:
    """Let an export go on that stands still."""
    ordering.resume(request.services, ordering.get(request.services, slug, job))
    return pages.see_other(export_path(slug, job))


@route(f"{_JOB}/cancel", methods=["POST"], permission=Permission.EXPORT, act=Act.CANCEL_EXPORT)
def cancel_export(request: DeskRequest, slug: str, job: str) -> Response:
    """End an export."""
    ordering.cancel(request.services, slug, job)
    return pages.see_other(export_path(slug, job))


@route(
    f"{_JOB}/link",
    methods=["POST"],
    permission=Permission.EXPORT,
    touch=True,
    act=Act.FETCH_EXPORT,
)
def request_link(request: DeskRequest, slug: str, job: str) -> Response:
    """Ask for a link to the file, and wait for it."""
    found = ordering.get(request.services, slug, job)
    if ordering.has_file(request.services, found):
        ordering.request_link(request.services, found, by=request.actor)
    return pages.see_other(export_path(slug, job, "link"))


@route(f"{_JOB}/link", permission=Permission.EXPORT)
def show_link(request: DeskRequest, slug: str, job: str) -> Response:
    """A page that waits for the link."""
    found = ordering.get(request.services, slug, job)
    if ordering.find_link(request.services, found, of=request.actor) or not ordering.has_file(
        request.services, found
    ):
        return pages.see_other(export_path(slug, job))
    contents = WaitingPage(
        layout=pages.layout(
            request,
            "The link is being made",
            refresh=2,
            crumbs=[Crumb(label=export_parts.TITLE, href=export_parts.lists_path(slug))],
        ),
        back=export_path(slug, job),
    )
    return pages.page(request, contents)
