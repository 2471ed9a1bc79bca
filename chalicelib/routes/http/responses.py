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
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages.contexts import Frame, LanguageLink, MessagePage, Page, Preview

Headers = dict[str, str | list[str]]

NEVER_STORED: Final = "no-store"
HTML: Final = "text/html; charset=utf-8"
SCRIPT: Final = "page.js"
"""Comfort for whoever runs scripts; first of all, an exit that leaves no trace in the history."""
_MOST_KEPT: Final = 256
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


def frame(
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
) -> Frame:
    """The frame of a page. `path` gives the address of this page in another language.

    `scripts`, beside that of every page, and `later_scripts` name sources in
    `templates/static/`, `style` a sheet in `templates/`.
    """
    return Frame(
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
class PublicAnswer:
    """A finished answer that is the same for everybody."""

    body: str
    headers: Mapping[str, str | list[str]]


def public(
    visit: Visit, make: Callable[..., PublicAnswer], *facts: Any, language: Language | None = None
) -> Response:
    """Answer with `make(edition, *facts)`, made once for each change and not for each reader.

    `facts` are hashable, and with the edition (the visit's language, unless another is named) they
    are all that `make` is given: it knows no request and no clock, so whatever changes the page
    has to be among them, and nothing that a visitor typed can be.
    """
    made = finished(make, language or visit.language, visit.services.settings, *facts)
    return unless_known(visit, Response(body=made.body, headers=dict(made.headers)))


@lru_cache(maxsize=_MOST_KEPT)
def finished(
    make: Callable[..., PublicAnswer], language: Language, settings: Settings, *facts: Any
) -> PublicAnswer:
    """What `make` makes of these facts: kept, and made anew when one of them is another."""
    return make(Edition(language=language, settings=settings), *facts)


def public_page(edition: Edition, contents: Page) -> PublicAnswer:
    """A finished page, which the CDN may keep, and show if we are down."""
    made = public_text(edition, _rendered(contents), HTML)
    policy = _policy_of(edition.settings, contents.frame)
    return replace(made, headers={**made.headers, "Content-Security-Policy": policy})


def public_text(
    edition: Edition, body: str, content_type: str, *, seconds: int | None = None
) -> PublicAnswer:
    """A finished text, which the CDN may keep for `seconds`: by default, for those of pages."""
    seconds = edition.settings.page_cache_seconds if seconds is None else seconds
    headers = {**headers_of(content_type), **caching_headers(body.encode(), seconds=seconds)}
    return PublicAnswer(body=body, headers=headers)


def page(visit: Visit, contents: Page, *, status: int = 200) -> Response:
    """Answer with a page that is for this visitor alone."""
    response = text(_rendered(contents), HTML, status=status)
    policy = _policy_of(visit.services.settings, contents.frame)
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


def unless_known(visit: Visit, response: Response) -> Response:
    """A response, or no more than that the visitor has it already."""
    if str(response.headers["ETag"]) in visit.header("if-none-match"):
        response.status_code, response.body = 304, ""
    return response


def _rendered(contents: Page) -> str:
    code = contents.frame.language.code
    return templates.render(code, f"pages/{contents.template}", contents)


def unchanging(body: str, content_type: str) -> Response:
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
        frame=replace(frame(language, say(refusal.title), path=urls.petitions), scripts=()),
        paragraphs=(say(refusal.message),),
        back=urls.petitions(language.code),
        to_all=True,
    )
    return later(refusal, text(_rendered(contents), HTML, status=refusal.status))


def later(refusal: Refusal, response: Response) -> Response:
    """The answer to a refusal, which says to programs when to try again, if waiting helps."""
    if refusal.retry_after_seconds:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def _policy_of(settings: Settings, frame: Frame) -> str:
    """What a page may do: show its own style, run its own scripts, which ask us and nobody else."""
    policy = _POLICY.format(style=assets.style_hash(frame.style))
    if not frame.scripts:
        return policy
    public_url = settings.public_url
    sources = " ".join(public_url + path for path in [*frame.scripts, *frame.later_scripts])
    policy = f"{policy}; script-src {sources}; connect-src 'self'"
    if not frame.later_scripts:
        return policy
    return f"{policy}; worker-src {' '.join(public_url + path for path in frame.later_scripts)}"


def headers_of(content_type: str) -> Headers:
    """The headers of every answer; nobody may keep it unless the caller says otherwise."""
    return {
        **_HEADERS,
        "Content-Type": content_type,
        "Cache-Control": NEVER_STORED,
        "Content-Security-Policy": _POLICY.format(style=assets.style_hash(assets.style())),
    }
