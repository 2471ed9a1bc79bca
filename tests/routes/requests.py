"""Requests to the app as API Gateway passes them on, and the responses."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import urlencode

import app
from chalicelib.routes.http.route_table import RouteTable
from ops.local.lambda_events import HttpRequest, from_http

FORM_TYPE: Final = "application/x-www-form-urlencoded"
SAME_ORIGIN: Final = {"Content-Type": FORM_TYPE, "Sec-Fetch-Site": "same-origin"}
GET, POST = "GET", "POST"

SLUG: Final = "open-door"
FORMS: Final = (
    f"/en/{SLUG}/sign",
    f"/en/{SLUG}/code",
    f"/en/{SLUG}/again",
    f"/en/{SLUG}/manage",
    f"/en/{SLUG}/subscribe",
)
"""The paths that take forms with fields. The other posts carry everything in their path."""


@dataclass(frozen=True, kw_only=True)
class ApiResponse:
    """Status, headers and body of a response."""

    status: int
    headers: Mapping[str, str]
    text: str
    is_base64: bool = False

    @property
    def content(self) -> bytes:
        """The body as a browser gets it."""
        return b64decode(self.text) if self.is_base64 else self.text.encode()


def call(
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    client: str = "198.51.100.7",
) -> ApiResponse:
    """Send one request to the app."""
    message = Message()
    for name, value in (headers or {}).items():
        message[name] = value
    request = HttpRequest(
        method=method, target=path, headers=message, body=body, client_address=client
    )
    match = RouteTable(app.app.routes).match(request.path)
    assert match, f"no route for {path}"
    is_bytes = message.get_content_type() in app.app.api.binary_types
    event = from_http(request, match, is_bytes=is_bytes)
    response: dict[str, Any] = app.app(event, None)
    return ApiResponse(
        status=response["statusCode"],
        headers=response["headers"],
        text=response["body"],
        is_base64=response.get("isBase64Encoded", False),
    )


def get(path: str, headers: Mapping[str, str] | None = None) -> ApiResponse:
    """Get a page."""
    return call(GET, path, headers=headers)


def post(
    path: str, fields: Mapping[str, str] | bytes = b"", headers: Mapping[str, str] = SAME_ORIGIN
) -> ApiResponse:
    """Send a form as a page of the service would."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return call(POST, path, body=body, headers=headers)


def post_routes() -> list[str]:
    """Every route that takes a POST."""
    return [route for route, methods in app.app.routes.items() if POST in methods]


def path_of(route: str, *, language: str = "en", token: str = "AAAA") -> str:
    """A route's path with its parameters filled in."""
    values = {"language": language, "slug": SLUG, "name": "first-news", "token": token, "number": 1}
    return route.format_map(values)
