"""The pages of the desk: their layout, their headers, and refusals as pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from chalice.app import Response

from chalicelib import cached
from chalicelib.domain.errors import Refusal
from chalicelib.rendering import assets, desk_urls, templates
from chalicelib.routes.desk import forms, tabs
from chalicelib.routes.desk.forms import TOUCH_FIELD
from chalicelib.routes.desk.requests import AnonymousRequest, DeskRequest
from chalicelib.routes.desk.tabs import Tab
from chalicelib.routes.http import responses
from chalicelib.routes.http.images import ImageResponse
from chalicelib.routes.http.statuses import status_of
from chalicelib.usecases.petitions import drafting

_STYLES: Final = (assets.COLOURS, assets.COLOURS_IN_THE_DARK, "desk.css")
SAVED: Final = "#saved"
"""Behind a path: the page says that it was saved, and a script forgets what it has kept."""
_KEPT: Final = 404
_NOT_KEPT: Final = 403
_POLICY: Final = (
    "default-src 'none'; style-src '{style}'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Crumb:
    """A step of the way from the petition to this page."""

    label: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DeskLayout:
    """What surrounds every page of the desk. Addresses are paths.

    `organiser` is the name of who is signed in, and `petition` the title, or "". After `refresh`
    seconds the browser loads the page again, if that is not 0.
    """

    title: str
    style: str
    scripts: Sequence[str] = ()
    refresh: int = 0
    organiser: str = ""
    petition: str = ""
    crumbs: Sequence[Crumb] = ()
    tabs: Sequence[Tab] = ()
    subtabs: Sequence[Tab] = ()
    home: str = desk_urls.HOME
    you: str = desk_urls.YOU
    leave: str = desk_urls.LEAVE


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DeskPage:
    """A page of the desk with its layout. Its template is in `templates/desk/`."""

    template: ClassVar[str]
    layout: DeskLayout


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RefusedPage(DeskPage):
    """A no. `fields` are what was posted, to be posted to `action` again; `back` is a way out.

    Files are among them: `kept` says which and how many bytes. `lost` are those that are too large.

    `sign_in` leads to where a session begins, and `touch` holds what a browser needs to ask for a
    touch of the passkey, as JSON; both are "" where that is not what is missing.
    """

    template: ClassVar[str] = "refused.html"
    message: str
    back: str
    fields: Mapping[str, str]
    action: str = ""
    kept: Sequence[tuple[str, int]] = ()
    lost: Sequence[str] = ()
    sign_in: str = ""
    touch: str = ""


def layout(
    request: AnonymousRequest,
    title: str,
    *,
    scripts: Sequence[str] = (),
    refresh: int = 0,
    crumbs: Sequence[Crumb] = (),
) -> DeskLayout:
    """The layout of a page for this request, with the petition's tabs where it is about one.

    `scripts` name files in `templates/static/`.
    """
    bare = DeskLayout(
        title=title,
        style="".join(map(assets.style, _STYLES)),
        scripts=[assets.static(name) for name in scripts],
        refresh=refresh,
        crumbs=crumbs,
    )
    if not isinstance(request, DeskRequest):
        return bare
    signed_in = replace(bare, organiser=request.session.name)
    if not request.roles:
        return signed_in
    own_tabs, parts = tabs.tabs_of(request.slug, request.resource, request.allowed)
    return replace(signed_in, petition=_title_of(request), tabs=own_tabs, subtabs=parts)


def page(request: AnonymousRequest, contents: DeskPage, *, status: int = 200) -> Response:
    """A page for this organiser alone."""
    body = templates.render(request.language.code, f"desk/{contents.template}", contents)
    response = responses.text(body, responses.HTML, status=status)
    style = assets.style_hash(contents.layout.style)
    response.headers["Content-Security-Policy"] = _POLICY.format(style=style)
    # Only with a referrer for our own pages, browsers name the origin of a posted form.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def download(content: bytes, *, name: str, media_type: str) -> Response:
    """A file for this organiser alone, which browsers store and do not show."""
    headers = responses.headers_of(media_type)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return ImageResponse(content, media_type, headers)


def see_other(path: str) -> Response:
    """A redirect to another page of the desk, after a form."""
    return responses.see_other(path)


def refused(request: AnonymousRequest, refusal: Refusal, *, back: str = desk_urls.HOME) -> Response:
    """A refusal as a page, on which what was posted is kept and can be sent again."""
    contents = RefusedPage(
        layout=layout(request, refusal.title),
        message=refusal.message,
        back=back,
        **posted(request),
    )
    # The CDN keeps every 404 for a second, and would show this page to others.
    status = _NOT_KEPT if status_of(refusal) == _KEPT else status_of(refusal)
    response = page(request, contents, status=status)
    return responses.with_retry_after(refusal, response)


def message(
    request: AnonymousRequest,
    title: str,
    text: str,
    *,
    back: str = desk_urls.HOME,
    status: int = 200,
) -> Response:
    """A page that says one thing."""
    contents = RefusedPage(layout=layout(request, title), message=text, back=back, fields={})
    return page(request, contents, status=status)


def not_allowed(request: AnonymousRequest, title: str, text: str, *, back: str) -> Response:
    """A page for who has no role for this. What was posted is kept, for when a role is given."""
    kept = posted(request)
    if kept["fields"]:
        text += " What you typed is kept on this page: send it again once you may."
    contents = RefusedPage(layout=layout(request, title), message=text, back=back, **kept)
    return page(request, contents, status=403)


def sign_in_first(request: AnonymousRequest) -> Response:
    """What an expired session gets for a form: all that was typed, and a way to sign in again."""
    contents = RefusedPage(
        layout=layout(request, "You are signed out"),
        message=(
            "Nothing was stored yet, and what you typed is kept on this page. Sign in in another "
            "tab, then come back here and send it again."
        ),
        back=desk_urls.HOME,
        sign_in=desk_urls.ENTER,
        **posted(request),
    )
    return page(request, contents, status=403)


def posted(request: AnonymousRequest) -> dict[str, Any]:
    """What was posted, for a form that sends it again; nothing if it could not be read.

    But for the answer of a passkey, which is good once.
    """
    if request.method != "POST":
        return {"fields": {}}
    try:
        form = request.form
    except Refusal:
        return {"fields": {}}
    fields = {name: value for name, value in form.fields.items() if name != TOUCH_FIELD}
    files = form.files.values()
    if sum(len(file.content) for file in files) > forms.MAX_KEPT_BYTES:
        return {"fields": fields, "action": request.path, "lost": [file.name for file in files]}
    fields |= dict(forms.kept_field(name, file) for name, file in form.files.items())
    kept = [(file.name, len(file.content)) for file in files]
    return {"fields": fields, "action": request.path, "kept": kept}


def _title_of(request: DeskRequest) -> str:
    """The title in the first language, also of a draft; else the word of its address."""
    try:
        petition = cached.petition(request.services, request.slug)
    except Refusal:
        return drafting.title_of(request.services, request.slug) or request.slug
    return petition.text(petition.languages[0]).title
