"""Stands in for CloudFront: a loopback proxy that follows the deployed distribution.

It reads the distribution through the CloudFront API: origins, path, the header with the secret and
other headers added for some paths, the methods, and the visitor's headers that the origin request
policy forwards. It neither caches nor compresses, and it speaks HTTP.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

import urllib3
from urllib3.util import SKIP_HEADER
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOOPBACK: Final = "127.0.0.1"
_VIEWER_ADDRESS: Final = "cloudfront-viewer-address"
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution's origins and the headers that it forwards, in small letters, and adds."""

    origin: urllib3.HTTPSConnectionPool
    """Connections to the place where all of its origins are on this machine."""
    host: str
    """Value of the Host header at the origin."""
    path: str
    """Put before the path of a request."""
    added_headers: Mapping[str, str]
    methods: frozenset[str]
    forwarded_headers: frozenset[str]
    headers_by_pattern: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Headers added instead of `added_headers`, by pattern of a path; the first match counts."""

    def headers_for(self, path: str) -> Mapping[str, str]:
        """The headers that the distribution adds to a request for a path."""
        matches = (
            headers
            for pattern, headers in self.headers_by_pattern.items()
            if fnmatchcase(path, pattern)
        )
        return next(matches, self.added_headers)


def read_distribution(
    cloudfront: Any, distribution_id: str, *, host: str, origin: urllib3.HTTPSConnectionPool
) -> Distribution:
    """Read a distribution through a CloudFront client."""
    config = cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"]
    behaviour = config["DefaultCacheBehavior"]
    origins = {item["Id"]: item for item in config["Origins"]["Items"]}
    added = {
        name: {
            header["HeaderName"]: header["HeaderValue"] for header in item["CustomHeaders"]["Items"]
        }
        for name, item in origins.items()
    }
    policy = cloudfront.get_origin_request_policy(Id=behaviour["OriginRequestPolicyId"])
    headers = policy["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["HeadersConfig"]
    return Distribution(
        origin=origin,
        host=host,
        path=origins[behaviour["TargetOriginId"]]["OriginPath"],
        added_headers=added[behaviour["TargetOriginId"]],
        methods=frozenset(behaviour["AllowedMethods"]["Items"]),
        forwarded_headers=frozenset(name.lower() for name in headers["Headers"]["Items"]),
        headers_by_pattern={
            special["PathPattern"]: added[special["TargetOriginId"]]
            for special in config.get("CacheBehaviors", {}).get("Items", [])
        },
    )


class CloudFrontProxy:
    """A WSGI application; answers 503 until it has a distribution."""

    def __init__(self) -> None:
        self.distribution: Distribution | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The public address of the service."""
        return f"http://{_LOOPBACK}:{self.port}"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """The origin's answer to a request."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if self.distribution is None:
            return Response("The proxy has no distribution yet.\n", 503)
        if request.method not in self.distribution.methods:
            return Response("The distribution does not take this method.\n", 403)
        try:
            return _fetch(self.distribution, request)
        except urllib3.exceptions.HTTPError:
            return Response("The origin does not answer.\n", 502)


def _fetch(distribution: Distribution, request: Request) -> Response:
    path = request.environ["RAW_URI"].partition("?")[0]
    sent = {
        name: value
        for name, value in request.headers.items()
        if name.lower() in distribution.forwarded_headers
    }
    if _VIEWER_ADDRESS in distribution.forwarded_headers:
        address, port = request.environ["REMOTE_ADDR"], request.environ["REMOTE_PORT"]
        sent = {name: value for name, value in sent.items() if name.lower() != _VIEWER_ADDRESS}
        sent["CloudFront-Viewer-Address"] = f"{address}:{port}"
    answer = distribution.origin.request(
        request.method,
        distribution.path + path,
        body=request.get_data() or None,
        headers={
            "User-Agent": SKIP_HEADER,
            **sent,
            **distribution.headers_for(path),
            "Host": distribution.host,
        },
        decode_content=False,
    )
    received = [
        (name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP
    ]
    return Response(answer.data, answer.status, received)


@contextmanager
def serving() -> Iterator[CloudFrontProxy]:
    """A proxy on a free loopback port, for as long as the block lasts."""
    proxy = CloudFrontProxy()
    server = make_server(_LOOPBACK, 0, proxy, threaded=True, request_handler=_SilentHandler)
    proxy.port = server.port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _SilentHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Write nothing: paths hold tokens."""
