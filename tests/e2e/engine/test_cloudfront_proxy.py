"""The proxy does what the deployed distribution says, and no more."""

import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.stub import Stubber
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.e2e.engine import certificate, cloudfront_proxy
from tests.e2e.engine.cloudfront_proxy import CacheBehaviour, Distribution, read_distribution

FORWARDED = ("Accept-Language", "Content-Type", "CloudFront-Viewer-Address")
COOKIE = "__Host-desk"


@Request.application
def echo(request: Request) -> Response:
    """The request as JSON."""
    seen = {
        "method": request.method,
        "path": request.environ["RAW_URI"],
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "body": request.get_data(as_text=True),
    }
    status = 418 if request.path.endswith("/tea") else 200
    headers = [("X-Ours", "yes"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]
    return Response(json.dumps(seen), status, headers)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPSConnectionPool]:
    """Connections to an origin with TLS that answers with the request."""
    folder: Path = tmp_path_factory.mktemp("origin")
    certificate.write(folder / "certificate.pem", folder / "key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = make_server("127.0.0.1", 0, echo, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    trusted = str(folder / "certificate.pem")
    with HTTPSConnectionPool("127.0.0.1", server.port, ca_certs=trusted, retries=False) as pool:
        yield pool
    server.shutdown()
    thread.join()


@pytest.fixture
def proxy(origin: HTTPSConnectionPool) -> Iterator[HTTPConnectionPool]:
    """Connections to a proxy in front of the origin, with a distribution as the stack makes it."""
    with cloudfront_proxy.serving() as proxy:
        proxy.distribution = read_distribution(
            _cloudfront(), "E1", host="abc.execute-api.localhost", origin=origin
        )
        with HTTPConnectionPool("127.0.0.1", proxy.port, retries=False) as pool:
            yield pool


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
    images = {
        **origin,
        "Id": "images",
        "CustomHeaders": {"Quantity": 2, "Items": [secret, accept]},
    }
    for_images = {
        **behaviour,
        "PathPattern": "/*/*/card.png",
        "TargetOriginId": "images",
    }
    for_organisers = {
        **behaviour,
        "PathPattern": "/desk/*",
        "OriginRequestPolicyId": "P2",
    }
    config = {
        "CallerReference": "1",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": [origin, images]},
        "DefaultCacheBehavior": behaviour,
        "CacheBehaviors": {"Quantity": 2, "Items": [for_organisers, for_images]},
    }
    stubber.add_response("get_distribution_config", {"DistributionConfig": config}, {"Id": "E1"})
    named = {"Quantity": 1, "Items": [COOKIE]}
    for policy_id, cookies in (
        ("P2", {"CookieBehavior": "whitelist", "Cookies": named}),
        ("P1", {"CookieBehavior": "none"}),
    ):
        stubber.add_response(
            "get_origin_request_policy", _policy(policy_id, cookies), {"Id": policy_id}
        )
    stubber.activate()
    return client


def _policy(policy_id: str, cookies: dict[str, Any]) -> dict[str, Any]:
    headers = {"Quantity": len(FORWARDED), "Items": list(FORWARDED)}
    return {
        "OriginRequestPolicy": {
            "Id": policy_id,
            "LastModifiedTime": "2026-03-08T12:00:00Z",
            "OriginRequestPolicyConfig": {
                "Name": "requests",
                "CookiesConfig": cookies,
                "QueryStringsConfig": {"QueryStringBehavior": "none"},
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": headers},
            },
        }
    }


def test_a_request_reaches_the_origin_with_its_path_and_the_secret(
    proxy: HTTPConnectionPool,
) -> None:
    answer = proxy.request("POST", "/en/petition/sign", body=b"name=Hanna")
    seen = answer.json()

    assert (answer.status, answer.headers["X-Ours"]) == (200, "yes")
    assert (seen["method"], seen["path"], seen["body"]) == (
        "POST",
        "/api/en/petition/sign",
        "name=Hanna",
    )
    assert seen["headers"]["host"] == "abc.execute-api.localhost"
    assert seen["headers"]["x-zaklik-origin"] == "the secret"


def test_only_the_headers_of_the_policy_are_forwarded(proxy: HTTPConnectionPool) -> None:
    sent = {"Accept-Language": "be", "Cookie": "a=b", "User-Agent": "Firefox", "Referer": "x"}

    seen = proxy.request("GET", "/en?utm=1", headers=sent).json()

    assert seen["headers"]["accept-language"] == "be"
    assert not {"cookie", "referer", "user-agent"} & seen["headers"].keys()
    assert seen["path"] == "/api/en"


def test_a_cookie_reaches_the_origin_only_where_its_policy_names_it(
    proxy: HTTPConnectionPool,
) -> None:
    sent = {"Cookie": f"other=1; {COOKIE}=a.b"}

    desk = proxy.request("GET", "/desk/you", headers=sent).json()
    page = proxy.request("GET", "/en/petition", headers=sent).json()

    assert desk["headers"]["cookie"] == f"{COOKIE}=a.b"
    assert "cookie" not in page["headers"]


def test_two_cookies_come_back_as_two(proxy: HTTPConnectionPool) -> None:
    answer = proxy.request("GET", "/desk/you")

    assert answer.headers.getlist("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]


def test_a_visitor_cannot_forge_their_address_or_the_secret(proxy: HTTPConnectionPool) -> None:
    forged = {"cloudfront-viewer-address": "192.0.2.1:1", "X-Zaklik-Origin": "guessed"}

    seen = proxy.request("GET", "/en", headers=forged).json()

    assert seen["headers"]["cloudfront-viewer-address"].startswith("127.0.0.1:")
    assert seen["headers"]["x-zaklik-origin"] == "the secret"


def test_images_are_asked_for_by_their_type_whatever_the_visitor_accepts(
    proxy: HTTPConnectionPool,
) -> None:
    image = proxy.request("GET", "/en/petition/card.png", headers={"Accept": "*/*"}).json()
    page = proxy.request("GET", "/en/petition", headers={"Accept": "*/*"}).json()

    assert image["headers"]["accept"] == "image/png"
    assert image["headers"]["x-zaklik-origin"] == "the secret"
    assert "accept" not in page["headers"]


def test_the_status_comes_back_and_head_has_no_body(proxy: HTTPConnectionPool) -> None:
    head = proxy.request("HEAD", "/en")

    assert proxy.request("GET", "/tea").status == 418
    assert (head.status, head.data) == (200, b"")
    assert head.headers["X-Ours"] == "yes"


def test_methods_that_the_distribution_does_not_take_end_here(proxy: HTTPConnectionPool) -> None:
    answer = proxy.request("DELETE", "/en")

    assert answer.status == 403
    assert "X-Ours" not in answer.headers


def test_without_a_distribution_or_an_origin_the_status_says_so() -> None:
    nowhere = Distribution(
        origin=HTTPSConnectionPool("127.0.0.1", 1, retries=False),
        host="nobody",
        behaviours=[
            CacheBehaviour(
                pattern="*",
                path="",
                added_headers={},
                methods=frozenset({"GET"}),
                forwarded_headers=frozenset(),
            )
        ],
    )
    with cloudfront_proxy.serving() as proxy:
        before = urllib3.request("GET", f"{proxy.url}/en").status
        proxy.distribution = nowhere
        after = urllib3.request("GET", f"{proxy.url}/en").status

    assert (before, after) == (503, 502)
