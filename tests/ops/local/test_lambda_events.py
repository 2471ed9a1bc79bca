"""Requests become events as API Gateway writes them."""

from email.message import Message

import pytest

from chalicelib.routes.http.route_table import RouteMatch, RouteTable
from ops.local.lambda_events import HttpRequest, from_http

ROUTES = RouteTable(
    [
        "/",
        "/{language}",
        "/{language}/{slug}",
        "/{language}/privacy",
        "/{language}/{slug}/sign",
        "/{language}/confirm/{token}",
        "/api/petitions/{slug}",
    ]
)


def request(target: str = "/en", body: bytes = b"", **headers: str) -> HttpRequest:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return HttpRequest(
        method="POST", target=target, headers=message, body=body, client_address="127.0.0.1"
    )


@pytest.mark.parametrize(
    ("path", "resource", "variables"),
    [
        ("/", "/", {}),
        ("/en", "/{language}", {"language": "en"}),
        ("/en/", "/{language}", {"language": "en"}),
        ("/en/privacy", "/{language}/privacy", {"language": "en"}),
        ("/en/private", "/{language}/{slug}", {"language": "en", "slug": "private"}),
        ("/en/confirm/sign", "/{language}/confirm/{token}", {"language": "en", "token": "sign"}),
        ("/api/petitions/a", "/api/petitions/{slug}", {"slug": "a"}),
        ("/en/a%2Fb%D0%B5", "/{language}/{slug}", {"language": "en", "slug": "a/bе"}),
    ],
)
def test_literal_parts_go_before_variables(
    path: str, resource: str, variables: dict[str, str]
) -> None:
    match = ROUTES.match(path)

    assert match == RouteMatch(resource=resource, variables=variables)


@pytest.mark.parametrize("path", ["/en/a/b/c", "//en", "/en//sign", "en"])
def test_other_paths_have_no_resource(path: str) -> None:
    assert ROUTES.match(path) is None


def test_the_event_of_a_form() -> None:
    sent = request("/en/a?x=1&x=%D0%B5&empty=", "назва=1".encode(), Accept="a")
    sent.headers["Accept"] = "b"

    event = from_http(sent, RouteMatch(resource="/{language}/{slug}", variables={"slug": "a"}))

    context = event["requestContext"]
    assert event["body"] == "назва=1"
    assert event["isBase64Encoded"] is False
    assert event["headers"] == {"Accept": "b"}
    assert event["multiValueHeaders"] == {"Accept": ["a", "b"]}
    assert event["queryStringParameters"] == {"x": "е", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "е"], "empty": [""]}
    assert event["pathParameters"] == {"slug": "a"}
    assert (context["httpMethod"], context["resourcePath"]) == ("POST", "/{language}/{slug}")
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"]


def test_what_is_absent_is_null() -> None:
    event = from_http(request("/"), RouteMatch(resource="/", variables={}))

    assert event["body"] is None
    assert event["pathParameters"] is None
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None


def test_a_body_that_is_no_text_comes_in_base64() -> None:
    event = from_http(request(body=b"\xff\x00"), RouteMatch(resource="/", variables={}))

    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)
