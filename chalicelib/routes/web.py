"""What all pages share: the visit, the form, the headers, and how a refusal becomes a page."""

import hashlib
import ipaddress
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from chalice.app import Blueprint, Request, Response

from chalicelib import links, logs, rendering, wiring
from chalicelib.domain.errors import (
    CrossSite,
    FormTooLarge,
    Message,
    N_,
    NotFound,
    Refusal,
    UnreadableForm,
)
from chalicelib.rendering import Language
from chalicelib.routes.pages import Frame, LanguageLink, MessagePage, Page
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 30
READ: Final = ("GET", "HEAD")
NEVER_STORED: Final = "no-store"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

View = Callable[..., Response]
Headers = dict[str, str | list[str]]


class Broken(Refusal):
    """Something of ours failed. Says so, and nothing else."""

    status = 500
    title = N_("Something went wrong on our side")
    message = N_("It is not your fault. Please try again in a few minutes.")


@dataclass(frozen=True)
class Visit:
    """One request, as far as a view may see it."""

    request: Request
    services: Services
    language: Language

    @property
    def method(self) -> str:
        """GET, HEAD or POST."""
        return str(self.request.method)

    def header(self, name: str) -> str:
        """A request header, or nothing."""
        return str(self.request.headers.get(name, ""))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of a posted form. Raises UnreadableForm, FormTooLarge."""
        return read_form(cast("bytes", self.request.raw_body), self.header("content-type"))

    @property
    def network(self) -> str:
        """The visitor's network, /24 or /64, from API Gateway's own field; never from a header."""
        identity = (self.request.context or {}).get("identity") or {}
        return network_of(str(identity.get("sourceIp") or ""))


def router(blueprint: Blueprint) -> Callable[..., Callable[[View], View]]:
    """A `route` for views that take a Visit and the variables of their path.

    A path begins with `/{language}` or has no language. Whatever a view raises becomes a page:
    Chalice would answer JSON, and log the path, which may hold a token.
    """

    def route(path: str, methods: Sequence[str] = READ) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def answer(**variables: str) -> Response:
                return _answer(view, path, blueprint.current_request, variables)

            # Any content type is let in, so that a wrong one gets a page and not Chalice's JSON.
            blueprint.route(path, methods=list(methods), content_types=["*/*"])(answer)
            return view

        return register

    return route


def _answer(view: View, path: str, request: Request, variables: dict[str, str]) -> Response:
    started = time.perf_counter()
    preferred = preferred_language(str(request.headers.get("accept-language", "")))
    language = preferred
    try:
        services = wiring.services()
        if "language" in variables:
            language = _language(variables.pop("language"))
        visit = Visit(request=request, services=services, language=language)
        if visit.method == "POST":
            refuse_cross_site(visit)
        response = view(visit, **variables)
    except Refusal as refusal:
        response = refusal_page(language, refusal)
    except Exception as error:  # noqa: BLE001 - Chalice would log the path, and with it a token
        log.error(
            "request failed",
            extra={"fields": {"error": type(error).__name__, "at": logs.place_of(error)}},
        )
        response = refusal_page(language, Broken())
    if request.method == "HEAD":
        response.body = ""
    log.info(
        "request",
        extra={
            "fields": {
                "id": (request.context or {}).get("requestId", ""),
                "route": f"{request.method} {path}",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
        },
    )
    return response


def _language(code: str) -> Language:
    try:
        return rendering.languages()[code]
    except KeyError:
        raise NotFound from None


def preferred_language(accept: str, among: Sequence[str] | None = None) -> Language:
    """The language that an Accept-Language header likes best (RFC 9110, section 12.5.4)."""
    known = rendering.languages()
    codes = list(known) if among is None else [code for code in known if code in among]
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:20]):
        tag, _, parameter = part.strip().lower().partition(";")
        code = tag.strip().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if code in codes and weight > 0:
            weighed.append((-weight, place, code))
    return known[min(weighed)[2] if weighed else codes[0]]


def read_form(body: bytes, content_type: str) -> Mapping[str, str]:
    """Read a urlencoded form strictly: known type, sound encoding, no field twice."""
    if len(body) > MAX_BODY_BYTES:
        raise FormTooLarge
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise UnreadableForm
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise UnreadableForm from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise UnreadableForm
    return fields


def refuse_cross_site(visit: Visit) -> None:
    """Refuse posts from other sites. Raises CrossSite.

    Browsers of today say it in Sec-Fetch-Site. Older ones send Origin, which is "null" from our own
    pages too, since they carry `Referrer-Policy: no-referrer` (Fetch, "append a request Origin
    header"); mail programs that unsubscribe (RFC 8058) send neither.
    """
    site = visit.header("sec-fetch-site")
    if site:
        if site not in ("same-origin", "none"):
            raise CrossSite
        return
    origin = visit.header("origin")
    if origin not in ("", "null", visit.services.settings.public_url):
        raise CrossSite


def network_of(address: str) -> str:
    """The /24 of an IPv4 address or the /64 of an IPv6 one, as text; "" for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    prefix = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


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


def page(
    visit: Visit, contents: Page, *, status: int = 200, shared_seconds: int = 0
) -> Response:
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


_HEADERS: Final[Mapping[str, str]] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


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
