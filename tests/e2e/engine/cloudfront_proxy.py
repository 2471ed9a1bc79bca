"""What stands for CloudFront: a loopback proxy that does what the deployed distribution says.

It reads the distribution through the CloudFront API: origins, path, the header with the secret and
what else is added for some paths, the methods, and which headers of a visitor the origin request
policy lets through. It neither caches nor compresses, and it speaks HTTP.
"""

import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_LOOPBACK: Final = "127.0.0.1"
_VIEWER_ADDRESS: Final = "cloudfront-viewer-address"
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_PATIENCE_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a distribution sends requests, and what it tells of a visitor."""

    host: str
    """Name of the origin, as its Host header says it."""
    port: int
    """Loopback port on which the origin is reached."""
    trust: ssl.SSLContext
    """By which the origin's TLS is judged."""
    path: str
    """What is put before the path of a request."""
    secrets: Mapping[str, str]
    """Headers that the distribution adds."""
    methods: frozenset[str]
    forwarded: frozenset[str]
    """Names of headers that go through, in small letters."""
    by_pattern: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Headers that it adds instead of `secrets`, by pattern of a path, the first match first."""

    def added(self, path: str) -> Mapping[str, str]:
        """The headers that the distribution adds to a request for a path."""
        special = (each for pattern, each in self.by_pattern.items() if fnmatchcase(path, pattern))
        return next(special, self.secrets)


def read_route(
    cloudfront: Any, distribution_id: str, *, host: str, port: int, trust: ssl.SSLContext
) -> Route:
    """The route of a distribution; `host` and `port` are where all of its origins are here."""
    config = cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"]
    behaviour = config["DefaultCacheBehavior"]
    origins = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    added = {
        name: {each["HeaderName"]: each["HeaderValue"] for each in origin["CustomHeaders"]["Items"]}
        for name, origin in origins.items()
    }
    policy = cloudfront.get_origin_request_policy(Id=behaviour["OriginRequestPolicyId"])
    headers = policy["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["HeadersConfig"]
    return Route(
        host=host,
        port=port,
        trust=trust,
        path=origins[behaviour["TargetOriginId"]]["OriginPath"],
        secrets=added[behaviour["TargetOriginId"]],
        methods=frozenset(behaviour["AllowedMethods"]["Items"]),
        forwarded=frozenset(name.lower() for name in headers["Headers"]["Items"]),
        by_pattern={
            each["PathPattern"]: added[each["TargetOriginId"]]
            for each in config.get("CacheBehaviors", {}).get("Items", [])
        },
    )


class Edge(ThreadingHTTPServer):
    """Answers on a free loopback port; 503 until it has a route."""

    daemon_threads = True
    route: Route | None = None

    def __init__(self) -> None:
        super().__init__((_LOOPBACK, 0), _Handler)

    @property
    def url(self) -> str:
        """What visitors type."""
        return f"http://{_LOOPBACK}:{self.server_port}"


@contextmanager
def serving() -> Iterator[Edge]:
    """An edge for as long as the block lasts."""
    edge = Edge()
    thread = threading.Thread(target=edge.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield edge
    finally:
        edge.shutdown()
        thread.join()
        edge.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Edge

    def _forward(self) -> None:
        route = self.server.route
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else None
        if route is None:
            self._answer(503, {}, b"The edge has no distribution yet.\n")
        elif self.command not in route.methods:
            self._answer(403, {}, b"The distribution does not take this method.\n")
        else:
            self._answer(*self._fetch(route, body))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _forward  # noqa: N815

    def _fetch(self, route: Route, body: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        headers = {
            name: value for name, value in self.headers.items() if name.lower() in route.forwarded
        }
        if _VIEWER_ADDRESS in route.forwarded:
            address, port = self.client_address[:2]
            headers = {k: v for k, v in headers.items() if k.lower() != _VIEWER_ADDRESS}
            headers["CloudFront-Viewer-Address"] = f"{address}:{port}"
        asked = self.path.partition("?")[0]
        connection = http.client.HTTPSConnection(
            _LOOPBACK, route.port, timeout=_PATIENCE_SECONDS, context=route.trust
        )
        try:
            added = {**route.added(asked), "Host": route.host}
            connection.request(self.command, route.path + asked, body, {**headers, **added})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except OSError:
            return 502, {}, b"The origin does not answer.\n"
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Say nothing: paths hold tokens."""
