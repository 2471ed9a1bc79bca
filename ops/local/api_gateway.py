"""The app behind API Gateway and the CDN: routes, their own refusals, headers, compression."""

import gzip
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import unquote

from chalice.app import Chalice
from chalice.app import Request as ChaliceRequest

from chalicelib import desk_app
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import desk
from chalicelib.routes.http.request import preferred_language
from chalicelib.routes.http.responses import refusal_page
from chalicelib.routes.http.route_table import RouteMatch, RouteTable
from ops.local import lambda_events
from ops.local.lambda_events import HttpRequest
from ops.local.resources import read_template

Function = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]
"""A function of Lambda that answers API Gateway."""
MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""API Gateway takes 10 MB (Amazon API Gateway quotas for REST APIs)."""
_MIN_COMPRESSED_BYTES: Final = 1000
_COMPRESSED_TYPES: Final = (
    "image/svg+xml",
    "text/",
    "application/json",
    "application/feed+json",
    "application/atom+xml",
)


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """What goes back over the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class _ThreadSafeChalice(Chalice):
    """Keeps the current request of each thread: Lambda has one at a time, this process many."""

    _local = threading.local()

    @property
    def current_request(self) -> ChaliceRequest | None:
        """The request of this thread."""
        return getattr(self._local, "request", None)

    @current_request.setter
    def current_request(self, request: ChaliceRequest | None) -> None:
        self._local.request = request


class ApiGateway:
    """Answers requests with the app."""

    def __init__(self, app: Chalice) -> None:
        for each in (app, desk_app.app):
            each.__class__ = _ThreadSafeChalice
        self._app = app
        self._routes = RouteTable(app.routes)

    def respond(self, request: HttpRequest) -> HttpResponse:
        """The app's response, compressed if the client takes that."""
        if is_of_desk(request.path):
            return _compressed(request, self._respond_at_desk(request))
        match = self._routes.match(request.path)
        if match is None:
            return _compressed(request, refuse(request, NotFound()))
        methods = self._app.routes[match.resource]
        if request.method not in methods:
            refused = refuse(request, NotFound())
            allow = ("Allow", ", ".join(sorted(methods)))
            return replace(refused, status=405, headers=[*refused.headers, allow])
        return _compressed(request, self._call(self._app, "APIHandler", request, match))

    def _respond_at_desk(self, request: HttpRequest) -> HttpResponse:
        """The response of the desk's function, which gets every path below its own."""
        below = request.path.removeprefix(desk_urls.HOME).strip("/")
        resource = f"{desk_urls.HOME}/{{proxy+}}" if below else desk_urls.HOME
        if request.method not in (("GET", "HEAD", "POST") if below else ("GET", "HEAD")):
            return refuse(request, NotFound())
        variables = {"proxy": unquote(below)} if below else {}
        match = RouteMatch(resource=resource, variables=variables)
        return self._call(desk.desk, "Desk", request, match)

    def _call(
        self, function: Function, name: str, request: HttpRequest, match: RouteMatch
    ) -> HttpResponse:
        """The response of a function, by its logical id."""
        forwarded = _with_origin_headers(request)
        content_type = forwarded.headers.get_content_type()
        event = lambda_events.from_http(
            forwarded, match, is_bytes=content_type in self._app.api.binary_types
        )
        values = function(event, lambda_events.context(name))
        if values.get("isBase64Encoded") and self._takes_bytes(forwarded):
            values = {**values, "body": b64decode(values["body"])}
        return from_proxy(values)

    def _takes_bytes(self, request: HttpRequest) -> bool:
        """Whether API Gateway answers with bytes: it looks at the first type of Accept only."""
        first = request.headers.get("accept", "").partition(",")[0].partition(";")[0]
        return first.strip().lower() in self._app.api.binary_types


def is_of_desk(path: str) -> bool:
    """Whether the desk's function answers at a path."""
    return f"{path}/".startswith(f"{desk_urls.HOME}/")


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """API Gateway's own refusal, as a page in the visitor's language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    return from_proxy(refusal_page(language, refusal).to_dict())


def origin_headers(path: str) -> Mapping[str, str]:
    """The headers that the template's CDN sets on requests to a path, without its secret."""
    distribution = _distribution()
    target = next(
        (
            behaviour["TargetOriginId"]
            for behaviour in distribution["CacheBehaviors"]
            if fnmatchcase(path, behaviour["PathPattern"])
        ),
        distribution["DefaultCacheBehavior"]["TargetOriginId"],
    )
    [origin] = [origin for origin in distribution["Origins"] if origin["Id"] == target]
    return {
        header["HeaderName"]: header["HeaderValue"]
        for header in origin["OriginCustomHeaders"]
        # The secret is a reference to a parameter.
        if isinstance(header["HeaderValue"], str)
    }


@cache
def _distribution() -> Mapping[str, Any]:
    properties = read_template()["Resources"]["Distribution"]["Properties"]
    return dict(properties["DistributionConfig"])


def _with_origin_headers(request: HttpRequest) -> HttpRequest:
    headers = copy(request.headers)
    for name, value in origin_headers(request.path).items():
        del headers[name]
        headers[name] = value
    return replace(request, headers=headers)


def from_proxy(values: Mapping[str, Any]) -> HttpResponse:
    """The response that a function's proxy answer stands for."""
    single = list(values["headers"].items())
    multiple = [
        (name, value)
        for name, many in values.get("multiValueHeaders", {}).items()
        for value in many
    ]
    body = values["body"]
    return HttpResponse(
        status=values["statusCode"],
        headers=[*single, *multiple],
        body=body.encode() if isinstance(body, str) else body,
    )


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if (
        len(response.body) < _MIN_COMPRESSED_BYTES
        or "gzip" not in request.headers.get("accept-encoding", "")
        or not response.header("content-type").startswith(_COMPRESSED_TYPES)
    ):
        return response
    # Public responses are compressed once, as the CDN does it.
    is_public = response.header("cache-control").startswith("public")
    compress = _gzip_cached if is_public else _gzip
    extra = [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return replace(response, headers=[*response.headers, *extra], body=compress(response.body))


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


_gzip_cached: Final = lru_cache(maxsize=64)(_gzip)
