"""What goes out: pages, feeds and refusals, each with the headers that protect its reader."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from chalice.app import Response

from chalicelib import links, rendering
from chalicelib.domain.errors import Message, Refusal
from chalicelib.rendering import Language
from chalicelib.routes.pages import Frame, LanguageLink, MessagePage, Page, Preview
from chalicelib.routes.visits import Visit

Headers = dict[str, str | list[str]]

NEVER_STORED: Final = "no-store"
SCRIPT: Final = "page.js"
"""Comfort for whoever runs scripts; first of all, an exit that leaves no trace in the history."""
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
            for code, other in rendering.languages().items()
            if among is None or code in among
        ),
        home=links.petitions(language.code),
        privacy=links.privacy(language.code),
        exit=links.EXIT,
        style=rendering.style(style),
        preview=preview,
        scripts=[rendering.static(name) for name in (SCRIPT, *scripts)],
        later_scripts=[rendering.static(name) for name in later_scripts],
    )


def page(visit: Visit, contents: Page, *, status: int = 200, shared_seconds: int = 0) -> Response:
    """Answer with a page. With `shared_seconds` the CDN may keep it, and show it if we are down."""
    body = rendering.render(contents.frame.language.code, f"pages/{contents.template}", contents)
    answer = shared(visit, body, "text/html; charset=utf-8", status=status, seconds=shared_seconds)
    answer.headers["Content-Security-Policy"] = _policy_of(visit, contents.frame)
    return answer


def shared(
    visit: Visit, body: str, content_type: str, *, status: int = 200, seconds: int = 0
) -> Response:
    """Answer with text that is the same for everybody, for `seconds`; 0: for nobody else."""
    response = Response(body=body, status_code=status, headers=headers_of(content_type))
    if seconds:
        keep(visit, response, body.encode(), seconds=seconds)
    return response


def keep(visit: Visit, response: Response, body: bytes, *, seconds: int) -> None:
    """Let the CDN keep a response for `seconds`; say no more than so if it has not changed."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = (
        f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds * 6}, "
        "stale-if-error=86400"
    )
    if response.status_code == 200 and etag in visit.header("if-none-match"):
        response.status_code, response.body = 304, ""


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
        return rendering.translate(Message(text=text), language.code)

    contents = MessagePage(
        # Also where no settings could be read, which would say where a script may come from.
        frame=replace(frame(language, say(refusal.title), path=links.petitions), scripts=()),
        paragraphs=(say(refusal.message),),
        back=links.petitions(language.code),
        to_all=True,
    )
    body = rendering.render(language.code, f"pages/{contents.template}", contents)
    headers = headers_of("text/html; charset=utf-8")
    return later(refusal, Response(body=body, status_code=refusal.status, headers=headers))


def later(refusal: Refusal, response: Response) -> Response:
    """The answer to a refusal, which says to programs when to try again, if waiting helps."""
    if refusal.retry_after_seconds:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def _policy_of(visit: Visit, frame: Frame) -> str:
    """What a page may do: show its own style, run its own scripts, which ask us and nobody else."""
    policy = _POLICY.format(style=rendering.style_hash(frame.style))
    if not frame.scripts:
        return policy
    public_url = visit.services.settings.public_url
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
        "Content-Security-Policy": _POLICY.format(style=rendering.style_hash(rendering.style())),
    }
