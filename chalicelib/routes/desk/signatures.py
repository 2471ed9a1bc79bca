"""The exports of a petition at the desk, the form that starts one, and figures as a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, export_parts, pages
from chalicelib.routes.desk.export_parts import ShownExport, export_path
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.destruction import asking
from chalicelib.usecases.exports import approving, ordering, summarising
from chalicelib.usecases.organisers import notifying

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_LISTS: Final = "/desk/petitions/{slug}/signatures"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ListsPage(DeskPage):
    """The exports of a petition. `start` is "" for who may not start one.

    `waiting` is the export that waits for approval, if any; `is_own`: who looks has asked for it.
    """

    template: ClassVar[str] = "signatures.html"
    start: str
    statistics: str
    keys: str
    needs_approval: bool
    is_busy: bool
    waiting: ShownExport | None
    is_own: bool
    is_over: bool
    exports: Sequence[ShownExport]


@route(_LISTS, permission=Permission.VIEW)
def show_lists(request: DeskRequest, slug: str) -> Response:
    """The exports of a petition, and the form that starts another one."""
    exports = ordering.exports_of(request.services, slug)
    is_busy = any(job.is_open for job in exports)
    is_over = asking.find(request.services, slug) is not None
    waiting = next(
        (job for job in exports if export_parts.waits_for_approval(request.services, job)), None
    )
    contents = ListsPage(
        layout=pages.layout(
            request,
            export_parts.TITLE,
            # A page that loads itself again keeps its session from resting.
            refresh=export_parts.REFRESH_SECONDS if is_busy and not waiting else 0,
        ),
        start=export_parts.lists_path(slug)
        if request.may(Permission.EXPORT) and not is_busy and not is_over
        else "",
        statistics=export_path(slug, "statistics"),
        keys=desk_urls.petition(slug, "keys"),
        needs_approval=approving.is_needed(request.services, slug),
        is_busy=is_busy,
        waiting=export_parts.shown_export(request.services, waiting) if waiting else None,
        is_own=waiting is not None and waiting.asked_by.id == request.actor.id,
        is_over=is_over,
        exports=[export_parts.shown_export(request.services, job) for job in exports],
    )
    return pages.page(request, contents)


@route(_LISTS, methods=["POST"], permission=Permission.EXPORT, touch=True, act=Act.EXPORT)
def start_export(request: DeskRequest, slug: str) -> Response:
    """Start an export, or ask for its approval."""
    job = ordering.start(request.services, slug, by=request.actor)
    notifying.notify_approvers(request.services, slug, ApprovalKind.EXPORTS, job.id)
    return pages.see_other(export_path(slug, job.id))


@route(f"{_LISTS}/statistics", permission=Permission.VIEW)
def download_statistics(request: DeskRequest, slug: str) -> Response:
    """Figures by country and by day, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(summarising.COLUMNS)
    writer.writerows(summarising.rows(request.services, slug))
    # Excel takes a file for UTF-8 only if it begins with a byte order mark.
    content = text.getvalue().encode("utf-8-sig")
    name = f"{slug}-{request.services.now():%Y-%m-%d}.csv"
    return pages.download(content, name=name, media_type="text/csv")
