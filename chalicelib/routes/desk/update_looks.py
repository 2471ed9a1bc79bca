"""An update at the desk as its readers get it: its page and its mail, in one language at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib import cached
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import assets, desk_urls
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields, update_texts
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import id_of
from chalicelib.routes.pages import update_previews
from chalicelib.routes.pages.update_previews import UpdatePreview
from chalicelib.usecases.alerts import listing
from chalicelib.usecases.alerts.composing import MAX_HTML_BYTES
from chalicelib.usecases.petitions import update_drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_SCRIPT: Final = re.compile(r"<script\b[^>]*></script>")
"""A script of the page, which its frame would refuse to run."""
PATH: Final = "/desk/petitions/{slug}/updates/{name}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PreviewLink:
    """A language in which an update can be looked at: its mail's subject and size."""

    name: str
    href: str
    current: bool
    subject: str
    html_bytes: int
    is_too_large: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdateLookPage(DeskPage):
    """The page and the mail of an update in one language. `problems` keep it from being shown."""

    template: ClassVar[str] = "update_look.html"
    is_draft: bool
    links: Sequence[PreviewLink]
    shown: UpdatePreview | None
    problems: Sequence[str]
    max_html_bytes: int
    discreet: bool
    settings: str
    back: str


@route(f"{PATH}/preview/{{language}}", permission=Permission.VIEW)
def show_published(request: DeskRequest, slug: str, name: str, language: str) -> Response:
    """The update as it is published."""
    update = listing.find_update(request.services, id_of(slug, name))
    if update is None:
        return pages.see_other(desk_urls.update(slug, name))
    return _show(request, update, name, language, "preview", ())


@route(f"{PATH}/text/preview/{{language}}", permission=Permission.VIEW)
def show_draft(request: DeskRequest, slug: str, name: str, language: str) -> Response:
    """The update as it was saved last."""
    checked = update_drafting.check(request.services, id_of(slug, name))
    problems = list(petition_fields.listed(checked.errors).values())
    return _show(request, checked.update, name, language, "text/preview", problems)


def _show(
    request: DeskRequest,
    update: Update | None,
    name: str,
    language: str,
    part: str,
    problems: Sequence[str],
) -> Response:
    slug, is_draft = request.slug, part != "preview"
    petition = cached.petition(request.services, slug)
    previews: Sequence[UpdatePreview] = ()
    if update:
        previews = update_previews.previews_of(
            request.services, petition, update, list(update.texts)
        )
    shown = next((each for each in previews if each.language == language), None)
    shown = shown or next(iter(previews), None)
    contents = UpdateLookPage(
        layout=pages.layout(request, "As readers get it", crumbs=update_texts.crumbs(slug, name)),
        is_draft=is_draft,
        links=[
            PreviewLink(
                name=each.name,
                href=desk_urls.update(slug, name, f"{part}/{each.language}"),
                current=each is shown,
                subject=each.subject,
                html_bytes=each.html_bytes,
                is_too_large=each.is_too_large,
            )
            for each in previews
        ],
        shown=replace(shown, page=_SCRIPT.sub("", shown.page)) if shown else None,
        problems=problems,
        max_html_bytes=MAX_HTML_BYTES,
        discreet=petition.discreet,
        settings=draft_forms.write_url(slug, "settings"),
        back=desk_urls.update(slug, name, "text" if is_draft else ""),
    )
    return _with_styles(pages.page(request, contents), contents)


def _with_styles(response: Response, contents: UpdateLookPage) -> Response:
    """The page with a policy under which the mail in its sandbox keeps its styles.

    A frame without an address of its own inherits the policy of the page around it. What is framed
    is sanitised, and its sandbox runs no script.
    """
    own = f"style-src '{assets.style_hash(contents.layout.style)}'"
    policy = str(response.headers["Content-Security-Policy"])
    response.headers["Content-Security-Policy"] = policy.replace(own, "style-src 'unsafe-inline'")
    return response
