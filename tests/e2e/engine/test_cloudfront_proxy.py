"""The edge does what the deployed distribution says, and no more."""

import http.client
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.rehearsal import certificate, edge
from ops.rehearsal.edge import Edge, Route, read_route

FORWARDED = ("Accept-Language", "Content-Type", "CloudFront-Viewer-Address")


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def _echo(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(seen).encode()
        self.send_response_only(418 if self.path.endswith("/tea") else 200)
        self.send_header("X-Ours", "yes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = _echo  # noqa: N815 - inherited names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Say nothing."""


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, ssl.SSLContext]]:
    """An origin with TLS: its port, and what trusts it."""
    folder: Path = tmp_path_factory.mktemp("origin")
    certificate.write(folder / "certificate.pem", folder / "key.pem")
    origin = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    origin.socket = context.wrap_socket(origin.socket, server_side=True)
    thread = threading.Thread(target=origin.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield (
        origin.server_port,
        ssl.create_default_context(cafile=str(folder / "certificate.pem")),
    )
    origin.shutdown()
    thread.join()
    origin.server_close()


@pytest.fixture
def front(trust: tuple[int, ssl.SSLContext]) -> Iterator[Edge]:
    """An edge in front of the origin, with a route as the stack's distribution makes one."""
    port, context = trust
    with edge.serving() as made:
        made.route = read_route(
            _cloudfront(), "E1", host="abc.execute-api.localhost", port=port, trust=context
        )
        yield made


def _cloudfront() -> Any:
    client = boto3.client("cloudfront", region_name="us-east-1")
    stubber = Stubber(client)
    behaviour = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "redirect-to-https",
        "OriginRequestPolicyId": "P1",
        "AllowedMethods": {"Quantity": 3, "Items": ["GET", "HEAD", "POST"]},
    }
    secret = {"HeaderName": "X-Zaklik-Origin", "HeaderValue": "the secret"}
    origin = {
        "Id": "api",
        "DomainName": "abc.execute-api.eu-central-1.amazonaws.com",
        "OriginPath": "/api",
        "CustomHeaders": {"Quantity": 1, "Items": [secret]},
    }
    accept = {"HeaderName": "Accept", "HeaderValue": "image/png"}
    pictures = {
        **origin,
        "Id": "pictures",
        "CustomHeaders": {"Quantity": 2, "Items": [secret, accept]},
    }
    for_pictures = {
        **behaviour,
        "PathPattern": "/*/*/card.png",
        "TargetOriginId": "pictures",
    }
    config = {
        "CallerReference": "1",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": [origin, pictures]},
        "DefaultCacheBehavior": behaviour,
        "CacheBehaviors": {"Quantity": 1, "Items": [for_pictures]},
    }
    stubber.add_response("get_distribution_config", {"DistributionConfig": config}, {"Id": "E1"})
    none = {"CookieBehavior": "none"}, {"QueryStringBehavior": "none"}
    headers = {"Quantity": len(FORWARDED), "Items": list(FORWARDED)}
    policy = {
        "Name": "requests",
        "CookiesConfig": none[0],
        "QueryStringsConfig": none[1],
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": headers},
    }
    stubber.add_response(
        "get_origin_request_policy",
        {
            "OriginRequestPolicy": {
                "Id": "P1",
                "LastModifiedTime": "2026-03-08T12:00:00Z",
                "OriginRequestPolicyConfig": policy,
            }
        },
        {"Id": "P1"},
    )
    stubber.activate()
    return client


def _ask(
    front: Edge, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", front.server_port, timeout=10)
    try:
        connection.request(method, path, body.encode(), dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_request_reaches_the_origin_with_its_path_and_the_secret(front: Edge) -> None:
    status, headers, body = _ask(front, "POST", "/en/petition/sign", "name=Hanna")
    seen = json.loads(body)

    assert (status, headers["X-Ours"]) == (200, "yes")
    assert (seen["method"], seen["path"], seen["body"]) == (
        "POST",
        "/api/en/petition/sign",
        "name=Hanna",
    )
    assert seen["headers"]["host"] == "abc.execute-api.localhost"
    assert seen["headers"]["x-zaklik-origin"] == "the secret"


def test_only_what_the_policy_lists_is_told_of_a_visitor(front: Edge) -> None:
    told = {"Accept-Language": "be", "Cookie": "a=b", "User-Agent": "Firefox", "Referer": "x"}

    seen = json.loads(_ask(front, "GET", "/en?utm=1", headers=told)[2])

    assert seen["headers"]["accept-language"] == "be"
    assert not {"cookie", "referer", "user-agent"} & seen["headers"].keys()
    assert seen["path"] == "/api/en"


def test_a_visitor_cannot_say_where_they_come_from(front: Edge) -> None:
    forged = {"cloudfront-viewer-address": "192.0.2.1:1", "X-Zaklik-Origin": "guessed"}

    seen = json.loads(_ask(front, "GET", "/en", headers=forged)[2])

    assert seen["headers"]["cloudfront-viewer-address"].startswith("127.0.0.1:")
    assert seen["headers"]["x-zaklik-origin"] == "the secret"


def test_pictures_are_asked_for_by_their_type_whatever_the_visitor_takes(front: Edge) -> None:
    picture = json.loads(_ask(front, "GET", "/en/petition/card.png", headers={"Accept": "*/*"})[2])
    page = json.loads(_ask(front, "GET", "/en/petition", headers={"Accept": "*/*"})[2])

    assert picture["headers"]["accept"] == "image/png"
    assert picture["headers"]["x-zaklik-origin"] == "the secret"
    assert "accept" not in page["headers"]


def test_the_status_comes_back_and_head_has_no_body(front: Edge) -> None:
    assert _ask(front, "GET", "/tea")[0] == 418
    status, headers, body = _ask(front, "HEAD", "/en")
    assert (status, body) == (200, b"")
    assert headers["X-Ours"] == "yes"


def test_methods_that_the_distribution_does_not_take_end_here(front: Edge) -> None:
    status, headers, _ = _ask(front, "DELETE", "/en")

    assert status == 403
    assert "X-Ours" not in headers


def test_without_a_distribution_or_an_origin_it_says_so(trust: tuple[int, ssl.SSLContext]) -> None:
    route = Route(
        host="nobody",
        port=1,
        trust=trust[1],
        path="",
        secrets={},
        methods=frozenset({"GET"}),
        forwarded=frozenset(),
    )
    with edge.serving() as front:
        before = _ask(front, "GET", "/en")[0]
        front.route = route
        after = _ask(front, "GET", "/en")[0]

    assert (before, after) == (503, 502)
