"""Every public route, described to a fuzzer (Schemathesis) from the app itself, and fuzzed.

The description is made from the routes of the app, so a new route is fuzzed without being named
here. Requests go through the same front as in the local run: API Gateway's refusals, then the app.
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
from tests.routes.markup import Page
from tests.routes.requests import POST, READ, SLUG
from tests.routes.test_headers import SECURITY
from tests.world import World

EXAMPLES: Final = 10
"""Requests to each route and method."""
LANGUAGES: Final = ("en", "be", "ru")
OPERATIONS: Final = [
    (path, method)
    for path, methods in app.app.routes.items()
    for method in methods
    # Whatever answers GET answers HEAD without its body: no other code, so one kind is enough.
    if method != "HEAD"
]
ANSWERS: Final[Mapping[str, Sequence[int]]] = {
    READ: (200, 303, 304, 404, 405, 410),
    POST: (200, 400, 403, 404, 405, 410, 422, 429),
}
"""The only statuses that a stranger may ever see, by method.

405 comes of a made-up language such as "embed", by which a path becomes that of another route.
"""
KINDS: Final = (
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
    "text/javascript; charset=utf-8",
    "application/json",
    "application/feed+json; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "image/png",
)
FIELDS: Final = (
    "name",
    "email",
    "country",
    "alerts",
    "website",
    "despite",
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


def described(values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The app as OpenAPI 3: each route and method, with values that lead further than noise."""
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
                    "content": {kind: {} for kind in KINDS},
                }
                for status in ANSWERS[method]
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


def gateway(front: ApiGateway) -> Callable[[Mapping[str, Any], Start], Iterable[bytes]]:
    """The front as a WSGI app, as Schemathesis calls one in this process."""

    def answer(environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        headers = Message()
        for name, value in environ.items():
            if name.startswith("HTTP_"):
                headers[name.removeprefix("HTTP_").replace("_", "-").lower()] = str(value)
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        path = quote(environ["PATH_INFO"].encode("latin-1"))
        given = front.respond(
            HttpRequest(
                method=environ["REQUEST_METHOD"],
                target=f"{path}?{environ['QUERY_STRING']}",
                headers=headers,
                body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                client_address="198.51.100.7",
            )
        )
        start(f"{given.status} {responses[given.status]}", list(given.headers))
        return [given.body]

    return answer


@pytest.fixture
def unlimited_world(shared: World) -> World:
    """A service whose limits a fuzzer does not reach, with somebody on every list."""
    press(
        shared,
        posts_per_network=10**6,
        proof_posts_per_network=10**6,
        proof_posts_per_minute=10**6,
        mails_per_address=2,
    )
    shared.sign_and_confirm(alerts="yes")
    return shared


@pytest.fixture
def schema(unlimited_world: World) -> Iterator[OpenApiSchema]:
    """The description of the app, and the way to it."""
    ours = type(app.app)
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
        Purpose.MANAGE: {"slug": SLUG, "signature": person, "subscriber": person},
        Purpose.BLOCK: {"slug": SLUG, "person": person},
    }
    claims[Purpose.PENDING] = {**claims[Purpose.CONFIRM_SIGNATURE], "first_requested_at": 0}
    keys, now = unlimited_world.services.secrets.token_keys, unlimited_world.clock.now()
    fresh = {purpose: tokens.issue(keys, purpose, each, now) for purpose, each in claims.items()}
    old = [
        tokens.issue(keys, purpose, each, datetime(2026, 1, 1, tzinfo=UTC))
        for purpose, each in claims.items()
    ]
    made = schemathesis.openapi.from_dict(
        described(
            {
                "language": LANGUAGES,
                "slug": (SLUG,),
                "name": ("first-news", assets.static("page.js").removeprefix("/static/")),
                "token": (*fresh.values(), *old),
                "?email": ("ada@example.org", "hanna@example.org", "ada@mail.ru"),
                "?country": ("", "PL", "BY"),
                "?alerts": ("", "yes"),
                "?despite": ("", "yes"),
                "?pending": (fresh[Purpose.PENDING],),
                "?do": ("withdraw", "stop", "change", "delete"),
                "?language": LANGUAGES,
                "?frequency": ("each", "weekly"),
                "?slow": ("yes",),
            }
        )
    )
    made.app = gateway(ApiGateway(app.app))
    made.location = "/"
    yield made
    app.app.__class__ = ours


def kindly(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """What holds for every answer: no fault of ours, no JSON of Chalice's, all headers, a page."""
    headers = {name.lower(): values[0] for name, values in response.headers.items()}
    framable = case.path.startswith("/embed/") and response.status_code == 200
    wanted = {name.lower(): value for name, value in SECURITY.items()}
    if framable:
        del wanted["x-frame-options"]
    assert response.status_code < 500
    assert headers.items() >= wanted.items()
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert "cache-control" in headers
    if headers["content-type"].startswith("text/html"):
        page = Page(response.text)
        assert page.one("html")["lang"] in LANGUAGES
        assert page.one("h1" if not framable else "body").text
    assert b'"Code"' not in response.content


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_asked_of_a_route_the_answer_is_one_of_ours(
    schema: OpenApiSchema, path: str, method: str
) -> None:
    operation = schema[path][method]
    asked = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        # A counterexample is shown as it was found: making it smaller takes long.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case[Any]) -> None:
        asked.append(case)
        case.call_and_validate(
            headers={
                "Sec-Fetch-Site": "same-origin",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            checks=[kindly, status_code_conformance, content_type_conformance],
        )

    ask()

    assert asked


def test_every_route_of_the_app_is_described() -> None:
    described_paths = set(described({"language": (), "slug": (), "name": (), "token": ()})["paths"])

    assert described_paths == set(app.app.routes)
