"""Responses: pages, texts and refusals, with security headers and caching."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from chalice.app import Response

from chalicelib.config import Settings
from chalicelib.domain.errors import Message, Refusal
from chalicelib.rendering import assets, templates, translations, urls
from chalicelib.rendering.translations import Language
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import retry_after_of, status_of
from chalicelib.routes.pages.contexts import LanguageLink, MessagePage, Page, PageLayout, Preview

Headers = dict[str, str | list[str]]

NEVER_STORED: Final = "no-store"
HTML: Final = "text/html; charset=utf-8"
SCRIPT: Final = "page.js"
"""The script of every page. Its quick exit replaces the page in the browser's history."""
SHARING_SCRIPT: Final = "sharing.js"
"""Of pages on which a text can be copied, or a sheet printed."""
IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
"""Of what never changes at its address: all caches may keep it for a year."""
STYLES: Final = (assets.COLOURS, assets.COLOURS_IN_THE_DARK, "style.css")
STYLES_WITH_NOTES: Final = (*STYLES, "notes.css")
"""Those of the page that is read most, which arrives in one round trip; and with a note."""
_MAX_CACHED: Final = 256
"""Cached responses of a process: about 40 KB each, 10 MB in all."""
_HEADERS: Final[Mapping[str, str]] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "browsing-topics=(), camera=(), display-capture=(), geolocation=(), interest-cohort=(), "
        "microphone=(), payment=(), usb=()"
    ),
}


_POLICY: Final = (
    "default-src 'none'; style-src '{style}'; img-src {images}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_ALL_STYLES: Final = (*STYLES_WITH_NOTES, "inner.css")
"""Those of every page, unless it names its own."""


def layout(
    language: Language,
    title: str,
    *,
    path: Callable[[str], str],
    among: Sequence[str] | None = None,
    description: str = "",
    feed: str = "",
    origin: str = "",
    scripts: Sequence[str] = (),
    later_scripts: Sequence[str] = (),
    styles: Sequence[str] = _ALL_STYLES,
    preview: Preview | None = None,
    has_pictures: bool = False,
) -> PageLayout:
    """The layout of a page. `path` gives the page's path in a language.

    `scripts` (besides the script of every page) and `later_scripts` name files in
    `templates/static/`, `styles` those in `templates/`.
    """
    return PageLayout(
        language=language,
        title=title,
        description=description,
        feed=feed,
        origin=origin,
        languages=tuple(
            LanguageLink(code=code, name=other.name, href=path(code))
            for code, other in translations.languages().items()
            if among is None or code in among
        ),
        home=urls.petitions(language.code),
        privacy=urls.privacy(language.code),
        exit=urls.EXIT,
        style=_style_of(styles),
        preview=preview,
        has_pictures=has_pictures,
        scripts=[assets.static(name) for name in (SCRIPT, *scripts)],
        later_scripts=[assets.static(name) for name in later_scripts],
    )


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The site in one language: the input of every public page, besides its facts."""

    language: Language
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class PublicResponse:
    """A rendered response that is the same for everybody."""

    body: str
    headers: Mapping[str, str | list[str]]


def cached_response(
    request: Request,
    make: Callable[..., PublicResponse],
    *facts: Any,
    language: Language | None = None,
) -> Response:
    """The response of `make(edition, *facts)`, rendered when the facts change, not for each reader.

    `facts` are hashable. `make` gets them and the edition (in the request's language, unless
    `language` names another) and nothing else: no request, no clock. So the facts hold all that
    changes the page, and nothing that a visitor typed.
    """
    made = rendered_once(make, language or request.language, request.services.settings, *facts)
    return or_not_modified(request, Response(body=made.body, headers=dict(made.headers)))


@lru_cache(maxsize=_MAX_CACHED)
def rendered_once(
    make: Callable[..., PublicResponse], language: Language, settings: Settings, *facts: Any
) -> PublicResponse:
    """The result of `make`, cached by all its arguments."""
    return make(Edition(language=language, settings=settings), *facts)


def public_page(edition: Edition, contents: Page) -> PublicResponse:
    """A rendered page, which the CDN caches, and shows while we are down."""
    made = public_text(edition, rendered(contents), HTML)
    policy = _policy_of(edition.settings, contents.layout)
    return replace(made, headers={**made.headers, "Content-Security-Policy": policy})


def public_text(
    edition: Edition, body: str, content_type: str, *, seconds: int | None = None
) -> PublicResponse:
    """A rendered text, which the CDN caches for `seconds` (default: as long as pages)."""
    seconds = edition.settings.page_cache_seconds if seconds is None else seconds
    headers = {**headers_of(content_type), **caching_headers(body.encode(), seconds=seconds)}
    return PublicResponse(body=body, headers=headers)


def page(request: Request, contents: Page, *, status: int = 200) -> Response:
    """A page for this visitor alone."""
    response = text(rendered(contents), HTML, status=status)
    policy = _policy_of(request.services.settings, contents.layout)
    response.headers["Content-Security-Policy"] = policy
    return response


def text(body: str, content_type: str, *, status: int = 200) -> Response:
    """A text for this visitor alone."""
    return Response(body=body, status_code=status, headers=headers_of(content_type))


def caching_headers(body: bytes, *, seconds: int) -> Headers:
    """Headers by which the CDN caches a body for `seconds` and revalidates it."""
    return {
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
        "Cache-Control": (
            f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds * 6}, "
            "stale-if-error=86400"
        ),
    }


def or_not_modified(request: Request, response: Response) -> Response:
    """The response, or status 304 if the visitor has it already."""
    if str(response.headers["ETag"]) in request.header("if-none-match"):
        response.status_code, response.body = 304, ""
    return response


def rendered(contents: Page) -> str:
    """A page as HTML."""
    code = contents.layout.language.code
    return templates.render(code, f"pages/{contents.template}", contents)


def immutable(body: str, content_type: str) -> Response:
    """A text that never changes at its address. All caches may keep it for a year."""
    headers = {**headers_of(content_type), **IMMUTABLE}
    return Response(body=body, status_code=200, headers=headers)


def see_other(path: str, *, status: int = 303) -> Response:
    """A redirect to another page of ours."""
    headers = {**headers_of("text/plain; charset=utf-8"), "Location": path}
    return Response(body="", status_code=status, headers=headers)


def moved(path: str) -> Response:
    """A redirect to the address that this page always has."""
    return see_other(path, status=301)


def refusal_page(language: Language, refusal: Refusal) -> Response:
    """A refusal as a page of its own, in the visitor's language."""

    def say(text: str) -> str:
        return translations.translate(Message(text=text), language.code)

    contents = MessagePage(
        # Without scripts: their policy needs the public URL, and settings may be unreadable here.
        layout=replace(layout(language, say(refusal.title), path=urls.petitions), scripts=()),
        paragraphs=(say(refusal.message),),
        back=urls.petitions(language.code),
        to_all=True,
    )
    return with_retry_after(refusal, text(rendered(contents), HTML, status=status_of(refusal)))


def with_retry_after(refusal: Refusal, response: Response) -> Response:
    """The answer to a refusal, which says to programs when to try again, if waiting helps."""
    seconds = retry_after_of(refusal)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _style_of(names: Sequence[str]) -> str:
    return "".join(map(assets.style, names))


def _policy_of(settings: Settings, page_layout: PageLayout) -> str:
    """The Content-Security-Policy of a page. It allows the page's style, pictures and scripts."""
    images = "'self' data:" if page_layout.has_pictures else "data:"
    policy = _POLICY.format(style=assets.style_hash(page_layout.style), images=images)
    if not page_layout.scripts:
        return policy
    scripts, later = (
        " ".join(settings.public_url + path for path in paths)
        for paths in ([*page_layout.scripts, *page_layout.later_scripts], page_layout.later_scripts)
    )
    policy = f"{policy}; script-src {scripts}; connect-src 'self'"
    return f"{policy}; worker-src {later}" if later else policy


def headers_of(content_type: str) -> Headers:
    """The headers that every response starts with. They forbid caching."""
    return {
        **_HEADERS,
        "Content-Type": content_type,
        "Cache-Control": NEVER_STORED,
        # A refusal's page keeps this policy.
        "Content-Security-Policy": _POLICY.format(
            style=assets.style_hash(_style_of(_ALL_STYLES)), images="data:"
        ),
    }
