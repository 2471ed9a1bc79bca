"""Stands in for CloudFront: a loopback proxy that follows the deployed distribution.

It reads the distribution through the CloudFront API. The behaviour of a path says which headers are
added, which methods taken, and by its origin request policy which of the visitor's headers and
cookies are forwarded. It neither caches nor compresses, and it speaks HTTP.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
class CacheBehaviour:
    """What a distribution does with requests whose path fits a pattern.

    `path` is put before theirs. Headers are in small letters; cookies are their names.
    """

    pattern: str
    path: str
    added_headers: Mapping[str, str]
    methods: frozenset[str]
    forwarded_headers: frozenset[str]
    forwarded_cookies: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution: the first of its behaviours that fits a path counts, the last fits all."""

    origin: urllib3.HTTPSConnectionPool
    """Connections to the place where all of its origins are on this machine."""
    host: str
    """Value of the Host header at the origin."""
    behaviours: Sequence[CacheBehaviour]

    def behaviour_of(self, path: str) -> CacheBehaviour:
        """The behaviour for a path."""
        return next(each for each in self.behaviours if fnmatchcase(path, each.pattern))


def read_distribution(
    cloudfront: Any, distribution_id: str, *, host: str, origin: urllib3.HTTPSConnectionPool
) -> Distribution:
    """Read a distribution through a CloudFront client."""
    config = cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"]
    behaviours = [
        *config.get("CacheBehaviors", {}).get("Items", []),
        {"PathPattern": "*", **config["DefaultCacheBehavior"]},
    ]
    origins = {item["Id"]: item for item in config["Origins"]["Items"]}
    policies = {
        policy_id: _request_policy(cloudfront, policy_id)
        for policy_id in dict.fromkeys(each["OriginRequestPolicyId"] for each in behaviours)
    }
    return Distribution(
        origin=origin,
        host=host,
        behaviours=[
            _behaviour(
                each, origins[each["TargetOriginId"]], policies[each["OriginRequestPolicyId"]]
            )
            for each in behaviours
        ],
    )


def _request_policy(cloudfront: Any, policy_id: str) -> Mapping[str, Any]:
    policy = cloudfront.get_origin_request_policy(Id=policy_id)["OriginRequestPolicy"]
    return dict(policy["OriginRequestPolicyConfig"])


def _behaviour(
    behaviour: Mapping[str, Any], origin: Mapping[str, Any], policy: Mapping[str, Any]
) -> CacheBehaviour:
    return CacheBehaviour(
        pattern=behaviour["PathPattern"],
        path=origin["OriginPath"],
        added_headers={
            header["HeaderName"]: header["HeaderValue"]
            for header in origin["CustomHeaders"]["Items"]
        },
        methods=frozenset(behaviour["AllowedMethods"]["Items"]),
        forwarded_headers=frozenset(
            name.lower() for name in policy["HeadersConfig"]["Headers"]["Items"]
        ),
        forwarded_cookies=frozenset(policy["CookiesConfig"].get("Cookies", {}).get("Items", [])),
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
        behaviour = self.distribution.behaviour_of(request.path)
        if request.method not in behaviour.methods:
            return Response("The distribution does not take this method.\n", 403)
        try:
            return _fetch(self.distribution, behaviour, request)
        except urllib3.exceptions.HTTPError:
            return Response("The origin does not answer.\n", 502)


def _fetch(distribution: Distribution, behaviour: CacheBehaviour, request: Request) -> Response:
    path = request.environ["RAW_URI"].partition("?")[0]
    answer = distribution.origin.request(
        request.method,
        behaviour.path + path,
        body=request.get_data() or None,
        headers={
            "User-Agent": SKIP_HEADER,
            **_forwarded(behaviour, request),
            **behaviour.added_headers,
            "Host": distribution.host,
        },
        decode_content=False,
    )
    received = [
        (name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP
    ]
    return Response(answer.data, answer.status, received)


def _forwarded(behaviour: CacheBehaviour, request: Request) -> Mapping[str, str]:
    """The headers of a request that its behaviour hands on, and its visitor's address."""
    sent = {
        name: value
        for name, value in request.headers.items()
        if name.lower() in behaviour.forwarded_headers and name.lower() != _VIEWER_ADDRESS
    }
    if _VIEWER_ADDRESS in behaviour.forwarded_headers:
        address, port = request.environ["REMOTE_ADDR"], request.environ["REMOTE_PORT"]
        sent["CloudFront-Viewer-Address"] = f"{address}:{port}"
    cookies = [
        f"{name}={value}"
        for name, value in request.cookies.items()
        if name in behaviour.forwarded_cookies
    ]
    return {**sent, "Cookie": "; ".join(cookies)} if cookies else sent


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
