"""The page in place of a petition's text whose drafts were destroyed with all that was kept."""

from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Response

from chalicelib import cached
from chalicelib.domain.organisers.jobs import Job
from chalicelib.domain.organisers.roles import Permission
from chalicelib.rendering import desk_urls, urls
from chalicelib.routes.desk import pages
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DeletedTextPage(DeskPage):
    """Who asked for it and when, and what can still be done. `certificate` is for stewards."""

    template: ClassVar[str] = "write_deleted.html"
    asked_by: str
    asked_on: str
    public: str
    folder: str
    certificate: str


def show(request: DeskRequest, job: Job) -> Response:
    """What happened to the text, by a destruction that has begun. Raises NotFound."""
    slug = request.slug
    petition = cached.petition(request.services, slug)
    may_see = request.may(Permission.STEWARD)
    contents = DeletedTextPage(
        layout=pages.layout(request, "Text"),
        asked_by=job.asked_by.name,
        asked_on=f"{job.asked_at:%Y-%m-%d}",
        public=urls.petition(petition.languages[0], slug),
        folder=write_url(slug, "folder"),
        certificate=desk_urls.petition(slug, f"end/destroy/{job.id}") if may_see else "",
    )
    return pages.page(request, contents)
