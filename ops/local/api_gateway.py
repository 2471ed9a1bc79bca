"""The app as API Gateway and the CDN show it: routes, refusals of their own, compression."""

import gzip
import threading
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from chalice.app import Chalice, Response
from chalice.app import Request as ChaliceRequest

from chalicelib.domain.errors import FormTooLarge, NotFound, Refusal
from chalicelib.routes.http.request import preferred_language
from chalicelib.routes.http.responses import refusal_page
from ops.local import cdn, lambda_events, proxy_events
from ops.local.proxy_events import Request, Resources

LARGEST_BODY: Final = 10 * 1024 * 1024
"""API Gateway takes 10 MB (Amazon API Gateway quotas for REST APIs)."""
_SMALLEST_COMPRESSED: Final = 1000
_COMPRESSED: Final = (
    "text/",
    "application/json",
    "application/feed+json",
    "application/atom+xml",
)

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class _Threaded(Chalice):
    """Chalice keeps the current request on the app: Lambda has one at a time, we have many."""

    _own = threading.local()

    @property
    def current_request(self) -> ChaliceRequest | None:
        """The request of this thread."""
        return getattr(self._own, "request", None)

    @current_request.setter
    def current_request(self, request: ChaliceRequest | None) -> None:
        self._own.request = request


class Front:
    """Answers requests with the app."""

    def __init__(self, app: Chalice) -> None:
        app.__class__ = _Threaded
        self._app = app
        self._resources = Resources(app.routes)

    def answer(self, request: Request) -> Answer:
        """The app's answer, compressed if the client takes that."""
        match = self._resources.match(request.path)
        if match is None:
            return _compressed(request, _refusal(request, NotFound()))
        methods = self._app.routes[match.resource]
        if request.method not in methods:
            refused = _refusal(request, NotFound())
            allow = ("Allow", ", ".join(sorted(methods)))
            return replace(refused, status=405, headers=[*refused.headers, allow])
        asked = cdn.as_asked(request)
        context = lambda_events.Context(function_name="APIHandler")
        values = self._app(proxy_events.to_event(asked, match), context)
        if values.get("isBase64Encoded") and self._takes_bytes(asked):
            values = {**values, "body": b64decode(values["body"])}
        return _compressed(request, _from_proxy(values))

    def _takes_bytes(self, request: Request) -> bool:
        """Whether API Gateway answers with bytes: it looks at the first type of Accept only."""
        first = request.headers.get("accept", "").partition(",")[0].partition(";")[0]
        return first.strip().lower() in self._app.api.binary_types

    def refuse_size(self, request: Request) -> Answer:
        """What API Gateway says to more than it takes; `request` is without its body."""
        return _refusal(request, FormTooLarge())


def _refusal(request: Request, refusal: Refusal) -> Answer:
    language = preferred_language(request.headers.get("accept-language", ""))
    page: Response = refusal_page(language, refusal)
    return _from_proxy(page.to_dict())


def _from_proxy(values: Mapping[str, Any]) -> Answer:
    single = list(values["headers"].items())
    multiple = [
        (name, value)
        for name, many in values.get("multiValueHeaders", {}).items()
        for value in many
    ]
    body = values["body"]
    return Answer(
        status=values["statusCode"],
        headers=[*single, *multiple],
        body=body.encode() if isinstance(body, str) else body,
    )


def _compressed(request: Request, answer: Answer) -> Answer:
    if (
        len(answer.body) < _SMALLEST_COMPRESSED
        or "gzip" not in request.headers.get("accept-encoding", "")
        or not answer.header("content-type").startswith(_COMPRESSED)
    ):
        return answer
    # What is the same for everybody is compressed once, as the CDN does it.
    compress = _gzipped_once if answer.header("cache-control").startswith("public") else _gzipped
    extra = [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return replace(answer, headers=[*answer.headers, *extra], body=compress(answer.body))


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


_gzipped_once: Final = lru_cache(maxsize=64)(_gzipped)
