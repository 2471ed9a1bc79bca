"""What goes out: pages, feeds and refusals, each with the headers that protect its reader."""

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
"""Comfort for whoever runs scripts; first of all, an exit that leaves no trace in the history."""
_MAX_CACHED: Final = 256
"""Finished answers of a process: some 40 KB each, so 10 MB of the function's memory at most."""
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
    "default-src 'none'; style-src '{style}'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def layout(
    language: Language,
    title: str,
    *,
    path: Callable[[str], str],
    among: Sequence[str] | None = None,
    description: str = "",
    feed: str = "",
    indexed: bool = False,
    scripts: Sequence[str] = (),
    later_scripts: Sequence[str] = (),
    style: str = "style.css",
    preview: Preview | None = None,
) -> PageLayout:
    """The frame of a page. `path` gives the address of this page in another language.

    `scripts`, beside that of every page, and `later_scripts` name sources in
    `templates/static/`, `style` a sheet in `templates/`.
    """
    return PageLayout(
        language=language,
        title=title,
        description=description,
        feed=feed,
        indexed=indexed,
        languages=tuple(
            LanguageLink(code=code, name=other.name, href=path(code))
            for code, other in translations.languages().items()
            if among is None or code in among
        ),
        home=urls.petitions(language.code),
        privacy=urls.privacy(language.code),
        exit=urls.EXIT,
        style=assets.style(style),
        preview=preview,
        scripts=[assets.static(name) for name in (SCRIPT, *scripts)],
        later_scripts=[assets.static(name) for name in later_scripts],
    )


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The site in one language: all that a public page may go by, besides its own facts."""

    language: Language
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class PublicResponse:
    """A finished answer that is the same for everybody."""

    body: str
    headers: Mapping[str, str | list[str]]


def cached_response(
    request: Request,
    make: Callable[..., PublicResponse],
    *facts: Any,
    language: Language | None = None,
) -> Response:
    """Answer with `make(edition, *facts)`, made once for each change and not for each reader.

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
    """What `make` makes of these facts: kept, and made anew when one of them is another."""
    return make(Edition(language=language, settings=settings), *facts)


def public_page(edition: Edition, contents: Page) -> PublicResponse:
    """A finished page, which the CDN may keep, and show if we are down."""
    made = public_text(edition, _rendered(contents), HTML)
    policy = _policy_of(edition.settings, contents.layout)
    return replace(made, headers={**made.headers, "Content-Security-Policy": policy})


def public_text(
    edition: Edition, body: str, content_type: str, *, seconds: int | None = None
) -> PublicResponse:
    """A finished text, which the CDN may keep for `seconds`: by default, for those of pages."""
    seconds = edition.settings.page_cache_seconds if seconds is None else seconds
    headers = {**headers_of(content_type), **caching_headers(body.encode(), seconds=seconds)}
    return PublicResponse(body=body, headers=headers)


def page(request: Request, contents: Page, *, status: int = 200) -> Response:
    """Answer with a page that is for this visitor alone."""
    response = text(_rendered(contents), HTML, status=status)
    policy = _policy_of(request.services.settings, contents.layout)
    response.headers["Content-Security-Policy"] = policy
    return response


def text(body: str, content_type: str, *, status: int = 200) -> Response:
    """Answer with a text that is for this visitor alone."""
    return Response(body=body, status_code=status, headers=headers_of(content_type))


def caching_headers(body: bytes, *, seconds: int) -> Headers:
    """Let the CDN keep a body for `seconds`, and ask whether it has changed."""
    return {
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
        "Cache-Control": (
            f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds * 6}, "
            "stale-if-error=86400"
        ),
    }


def or_not_modified(request: Request, response: Response) -> Response:
    """A response, or no more than that the visitor has it already."""
    if str(response.headers["ETag"]) in request.header("if-none-match"):
        response.status_code, response.body = 304, ""
    return response


def _rendered(contents: Page) -> str:
    code = contents.layout.language.code
    return templates.render(code, f"pages/{contents.template}", contents)


def immutable(body: str, content_type: str) -> Response:
    """Answer with text that is never another at this address: all may keep it for a year."""
    headers = headers_of(content_type)
    headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return Response(body=body, status_code=200, headers=headers)


def see_other(path: str) -> Response:
    """Send the visitor to another of our pages."""
    headers = {**headers_of("text/plain; charset=utf-8"), "Location": path}
    return Response(body="", status_code=303, headers=headers)


def refusal_page(language: Language, refusal: Refusal) -> Response:
    """A refusal as a page of its own, in the visitor's language."""

    def say(text: str) -> str:
        return translations.translate(Message(text=text), language.code)

    contents = MessagePage(
        # Also where no settings could be read, which would say where a script may come from.
        layout=replace(layout(language, say(refusal.title), path=urls.petitions), scripts=()),
        paragraphs=(say(refusal.message),),
        back=urls.petitions(language.code),
        to_all=True,
    )
    return with_retry_after(refusal, text(_rendered(contents), HTML, status=status_of(refusal)))


def with_retry_after(refusal: Refusal, response: Response) -> Response:
    """The answer to a refusal, which says to programs when to try again, if waiting helps."""
    seconds = retry_after_of(refusal)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _policy_of(settings: Settings, page_layout: PageLayout) -> str:
    """What a page may do: show its own style, run its own scripts, which ask us and nobody else."""
    policy = _POLICY.format(style=assets.style_hash(page_layout.style))
    if not page_layout.scripts:
        return policy
    public_url = settings.public_url
    sources = " ".join(
        public_url + path for path in [*page_layout.scripts, *page_layout.later_scripts]
    )
    policy = f"{policy}; script-src {sources}; connect-src 'self'"
    if not page_layout.later_scripts:
        return policy
    return (
        f"{policy}; worker-src {' '.join(public_url + path for path in page_layout.later_scripts)}"
    )


def headers_of(content_type: str) -> Headers:
    """The headers of every answer; nobody may keep it unless the caller says otherwise."""
    return {
        **_HEADERS,
        "Content-Type": content_type,
        "Cache-Control": NEVER_STORED,
        "Content-Security-Policy": _POLICY.format(style=assets.style_hash(assets.style())),
    }
