"""Schemathesis fuzzes every public route through an OpenAPI description of the app.

The description comes from the routes of the app, so a new route is fuzzed without an entry here.
Requests pass the local run's API Gateway.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.message import Message
from http.client import responses
from typing import Any, Final
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, CheckContext, Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

import app
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import fraud_signals
from chalicelib.rendering import assets
from ops.local.api_gateway import ApiGateway
from ops.local.lambda_events import HttpRequest
from tests.proving import press
from tests.routes.markup import ParsedPage
from tests.routes.requests import GET, POST, SLUG
from tests.routes.test_headers import SECURITY
from tests.world import World

EXAMPLES: Final = 10
"""Requests to each route and method."""
LANGUAGES: Final = ("en", "be", "ru")
OPERATIONS: Final = [
    (path, method)
    for path, methods in app.app.routes.items()
    for method in methods
    # HEAD runs the code of GET.
    if method != "HEAD"
]
STATUSES: Final[Mapping[str, Sequence[int]]] = {
    GET: (200, 301, 303, 304, 404, 405, 410),
    POST: (200, 400, 403, 404, 405, 410, 422, 429),
}
"""The statuses that a method may return.

405 comes from a made-up language such as "embed", which makes the path that of another route.
"""
CONTENT_TYPES: Final = (
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
    "text/javascript; charset=utf-8",
    "application/json",
    "application/feed+json; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "image/png",
    "image/jpeg",
    "image/svg+xml",
)
FIELDS: Final = (
    "name",
    "email",
    "country",
    "alerts",
    "shown",
    "website",
    "despite",
    "instead",
    "as_typed",
    "pending",
    "code",
    "do",
    "news",
    "frequency",
    "language",
    "proof",
    "slow",
)
Start = Callable[[str, list[tuple[str, str]]], Any]


def openapi_description(values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The app as OpenAPI 3: each route and method, with values that reach past validation."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method in OPERATIONS:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        operation: dict[str, Any] = {
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": _one_of(values[name])}
                for name in names
            ]
            + [
                {"name": name, "in": "header", "schema": {"type": "string", "maxLength": 60}}
                for name in ("Accept-Language", "If-None-Match")
            ],
            "responses": {
                str(status): {
                    "description": responses[status],
                    "content": {content_type: {} for content_type in CONTENT_TYPES},
                }
                for status in STATUSES[method]
            },
        }
        if method == POST:
            fields = {name: _one_of(values.get(f"?{name}", ())) for name in FIELDS}
            form = {"schema": {"type": "object", "properties": fields}}
            content = {"application/x-www-form-urlencoded": form}
            operation["requestBody"] = {"required": True, "content": content}
        paths.setdefault(path, {})[method.lower()] = operation
    return {"openapi": "3.0.3", "info": {"title": "Zaklik", "version": "1"}, "paths": paths}


def _one_of(values: Sequence[str]) -> Mapping[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": 80}
    return {"anyOf": [{"enum": list(values)}, text]} if values else text


def wsgi_app(front: ApiGateway) -> Callable[[Mapping[str, Any], Start], Iterable[bytes]]:
    """The local API Gateway as a WSGI app, which Schemathesis calls in this process."""

    def respond(environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        headers = Message()
        for name, value in environ.items():
            if name.startswith("HTTP_"):
                headers[name.removeprefix("HTTP_").replace("_", "-").lower()] = str(value)
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        path = quote(environ["PATH_INFO"].encode("latin-1"))
        result = front.respond(
            HttpRequest(
                method=environ["REQUEST_METHOD"],
                target=f"{path}?{environ['QUERY_STRING']}",
                headers=headers,
                body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                client_address="198.51.100.7",
            )
        )
        start(f"{result.status} {responses[result.status]}", list(result.headers))
        return [result.body]

    return respond


@pytest.fixture
def unlimited_world(with_update: World) -> World:
    """A service with limits beyond the fuzzer's reach, a signature and a subscriber."""
    press(
        with_update,
        posts_per_network=10**6,
        proof_posts_per_network=10**6,
        proof_posts_per_minute=10**6,
        mails_per_address=2,
    )
    with_update.sign_and_confirm(alerts="yes")
    return with_update


@pytest.fixture
def schema(unlimited_world: World) -> Iterator[OpenApiSchema]:
    """The description of the app, bound to the app."""
    app_class = type(app.app)
    person = "ab" * 16
    claims: dict[Purpose, dict[str, Any]] = {
        Purpose.CONFIRM_SIGNATURE: {
            "slug": SLUG,
            "language": "be",
            "name": "Ада",
            "email": "ada@example.org",
            "country": "PL",
            "alerts": True,
            "signals": fraud_signals.to_marks([]),
        },
        Purpose.CONFIRM_ALERTS: {"slug": SLUG, "language": "be", "email": "ada@example.org"},
        Purpose.UNSUBSCRIBE: {"slug": SLUG, "index": person},
        Purpose.MANAGE: {"slug": SLUG, "email": "hanna@example.org", "subscriber": ""},
        Purpose.BLOCK: {"slug": SLUG, "person": person},
    }
    claims[Purpose.PENDING] = {**claims[Purpose.CONFIRM_SIGNATURE], "first_requested_at": 0}
    keys, now = unlimited_world.services.secrets.token_keys, unlimited_world.clock.now()
    fresh = {
        purpose: tokens.issue(keys, purpose, values, now) for purpose, values in claims.items()
    }
    old = [
        tokens.issue(keys, purpose, values, datetime(2026, 1, 1, tzinfo=UTC))
        for purpose, values in claims.items()
    ]
    description = schemathesis.openapi.from_dict(
        openapi_description(
            {
                "language": LANGUAGES,
                "slug": (SLUG,),
                "name": ("first-news", assets.static("page.js").removeprefix("/static/")),
                "number": ("1", "0", "1000000"),
                "token": (*fresh.values(), *old),
                "?email": ("ada@example.org", "hanna@example.org", "ada@mail.ru", "ada@gmial.com"),
                "?country": ("", "PL", "BY"),
                "?alerts": ("", "yes"),
                "?shown": ("", "yes"),
                "?despite": ("", "mail.ru"),
                "?instead": ("gmail.com", "mail.ru"),
                "?as_typed": ("gmial.com",),
                "?pending": (fresh[Purpose.PENDING],),
                "?do": ("withdraw", "stop", "change", "correct", "delete"),
                "?language": LANGUAGES,
                "?frequency": ("each", "weekly"),
                "?slow": ("yes",),
            }
        )
    )
    description.app = wsgi_app(ApiGateway(app.app))
    description.location = "/"
    yield description
    app.app.__class__ = app_class


def has_our_headers_and_page(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Checks a response: no 5xx, no JSON error of Chalice, all security headers, a whole page."""
    headers = {name.lower(): values[0] for name, values in response.headers.items()}
    framable = case.path.startswith("/embed/") and response.status_code == 200
    expected = {name.lower(): value for name, value in SECURITY.items()}
    if framable:
        del expected["x-frame-options"]
    assert response.status_code < 500
    assert headers.items() >= expected.items()
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert "cache-control" in headers
    if headers["content-type"].startswith("text/html"):
        page = ParsedPage(response.text)
        assert page.one("html")["lang"] in LANGUAGES
        assert page.one("h1" if not framable else "body").text
    assert b'"Code"' not in response.content


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_random_requests_to_a_route_get_a_documented_response(
    schema: OpenApiSchema, path: str, method: str
) -> None:
    operation = schema[path][method]
    cases = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        # Shrinking a counterexample takes long.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Case[Any]) -> None:
        cases.append(case)
        case.call_and_validate(
            headers={
                "Sec-Fetch-Site": "same-origin",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            checks=[has_our_headers_and_page, status_code_conformance, content_type_conformance],
        )

    send()

    assert cases


def test_every_route_of_the_app_is_described() -> None:
    without_values = dict.fromkeys(("language", "slug", "name", "number", "token"), ())
    described_paths = set(openapi_description(without_values)["paths"])

    assert described_paths == set(app.app.routes)
