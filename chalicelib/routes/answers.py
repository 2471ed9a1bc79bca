"""What goes out: pages, feeds and refusals, each with the headers that protect its reader."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from chalice.app import Response

from chalicelib import links, rendering
from chalicelib.domain.errors import Message, Refusal
from chalicelib.rendering import Language
from chalicelib.routes.pages import Frame, LanguageLink, MessagePage, Page
from chalicelib.routes.visits import Visit

Headers = dict[str, str | list[str]]

NEVER_STORED: Final = "no-store"
_HEADERS: Final[Mapping[str, str]] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


def frame(
    language: Language,
    title: str,
    *,
    path: Callable[[str], str],
    among: Sequence[str] | None = None,
    description: str = "",
    feed: str = "",
    indexed: bool = False,
) -> Frame:
    """The frame of a page. `path` gives the address of this page in another language."""
    return Frame(
        language=language,
        title=title,
        description=description,
        feed=feed,
        indexed=indexed,
        languages=tuple(
            LanguageLink(code=code, name=other.name, href=path(code))
            for code, other in rendering.languages().items()
            if among is None or code in among
        ),
        home=links.petitions(language.code),
        privacy=links.privacy(language.code),
        style=rendering.style(),
    )


def page(visit: Visit, contents: Page, *, status: int = 200, shared_seconds: int = 0) -> Response:
    """Answer with a page. With `shared_seconds` the CDN may keep it, and show it if we are down."""
    body = rendering.render(contents.frame.language.code, f"pages/{contents.template}", contents)
    return shared(visit, body, "text/html; charset=utf-8", status=status, seconds=shared_seconds)


def shared(
    visit: Visit, body: str, content_type: str, *, status: int = 200, seconds: int = 0
) -> Response:
    """Answer with text that is the same for everybody, for `seconds`; 0: for nobody else."""
    headers = _headers(content_type, status)
    if not seconds:
        return Response(body=body, status_code=status, headers=headers)
    etag = f'W/"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    headers["ETag"] = etag
    headers["Cache-Control"] = (
        f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds * 6}, "
        "stale-if-error=86400"
    )
    if status == 200 and etag in visit.header("if-none-match"):
        return Response(body="", status_code=304, headers=headers)
    return Response(body=body, status_code=status, headers=headers)


def as_json(visit: Visit, values: Mapping[str, Any], *, seconds: int) -> Response:
    """Answer with JSON that other sites may read."""
    response = shared(
        visit, json.dumps(values, ensure_ascii=False), "application/json", seconds=seconds
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def see_other(path: str) -> Response:
    """Send the visitor to another of our pages."""
    headers = {**_headers("text/plain; charset=utf-8", 303), "Location": path}
    return Response(body="", status_code=303, headers=headers)


def refusal_page(language: Language, refusal: Refusal) -> Response:
    """A refusal as a page of its own, in the visitor's language."""

    def say(text: str) -> str:
        return rendering.translate(Message(text=text), language.code)

    contents = MessagePage(
        frame=frame(language, say(refusal.title), path=links.petitions),
        paragraphs=(say(refusal.message),),
        back=links.petitions(language.code),
        to_all=True,
    )
    body = rendering.render(language.code, f"pages/{contents.template}", contents)
    headers = _headers("text/html; charset=utf-8", refusal.status)
    return Response(body=body, status_code=refusal.status, headers=headers)


_RETRY_AFTER: Final[Mapping[int, str]] = {429: "3600", 503: "60"}
"""Seconds, by status: a network has its share by the hour."""


def _headers(content_type: str, status: int) -> Headers:
    """The headers of every answer; nobody may keep it unless the caller says otherwise."""
    headers: Headers = {
        **_HEADERS,
        "Content-Type": content_type,
        "Cache-Control": NEVER_STORED,
        "Content-Security-Policy": (
            f"default-src 'none'; style-src '{rendering.style_hash()}'; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    }
    if status in _RETRY_AFTER:
        headers["Retry-After"] = _RETRY_AFTER[status]
    return headers
