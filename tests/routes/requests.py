"""Knocking at the front door: one request as API Gateway hands it over, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import urlencode

import app
from ops.local.lambda_events import HttpRequest, RouteTable, from_http

FORM_TYPE: Final = "application/x-www-form-urlencoded"
OWN_PAGE: Final = {"Content-Type": FORM_TYPE, "Sec-Fetch-Site": "same-origin"}
READ, POST = "GET", "POST"

SLUG: Final = "open-door"
FORMS: Final = (
    f"/en/{SLUG}/sign",
    f"/en/{SLUG}/code",
    f"/en/{SLUG}/again",
    f"/en/{SLUG}/manage",
    f"/en/{SLUG}/subscribe",
)
"""Where forms with fields are posted. The other posts carry everything in their path."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What went back."""

    status: int
    headers: Mapping[str, str]
    text: str


def knock(
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    client: str = "198.51.100.7",
) -> Answer:
    """Make a request, and check of every answer what must hold for every answer."""
    message = Message()
    for name, value in (headers or {}).items():
        message[name] = value
    request = HttpRequest(
        method=method, target=path, headers=message, body=body, client_address=client
    )
    match = RouteTable(app.app.routes).match(request.path)
    assert match, f"no route for {path}"
    answer: dict[str, Any] = app.app(from_http(request, match), None)
    return Answer(status=answer["statusCode"], headers=answer["headers"], text=answer["body"])


def read(path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Read a page."""
    return knock(READ, path, headers=headers)


def send(
    path: str, fields: Mapping[str, str] | bytes = b"", headers: Mapping[str, str] = OWN_PAGE
) -> Answer:
    """Send a form as one of our own pages would."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return knock(POST, path, body=body, headers=headers)


def posts() -> list[str]:
    """Every route that takes a post."""
    return [route for route, methods in app.app.routes.items() if POST in methods]


def filled(route: str, *, language: str = "en", token: str = "AAAA") -> str:
    """A path of a route."""
    values = {"language": language, "slug": SLUG, "name": "first-news", "token": token}
    return route.format_map(values)
