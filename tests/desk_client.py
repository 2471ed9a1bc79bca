"""An organiser at the desk: requests through the real function of the desk and its gate."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Final
from urllib.parse import unquote, urlencode

from chalicelib import desk_app
from chalicelib.domain.organisers.roles import Role
from chalicelib.routes.desk.desk import desk
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.routes.desk.session_cookie import COOKIE
from chalicelib.routes.http.route_table import RouteMatch
from ops.local import lambda_events
from ops.local.api_gateway import HttpResponse, from_proxy
from ops.local.lambda_events import HttpRequest
from tests import desk_accounts
from tests.world import World

SAME_ORIGIN: Final = {"Sec-Fetch-Site": "same-origin"}
_BOUNDARY: Final = "----boundary-of-the-tests"
_PART: Final = f"--{_BOUNDARY}\r\nContent-Disposition: form-data"


@dataclass(frozen=True, kw_only=True)
class DeskClient:
    """A browser at the desk, with the cookie of a session, or "" for none."""

    cookie: str = ""

    @classmethod
    def signed_in(
        cls,
        world: World,
        slug: str = "open-door",
        roles: Sequence[Role] = (Role.STEWARD,),
        *,
        touched: bool = True,
        name: str = "Hanna",
    ) -> "DeskClient":
        """An organiser who has these roles on the petition and is signed in."""
        return cls(cookie=desk_accounts.sign_in(world, name, slug, roles, touched=touched))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Open a page."""
        return self.send("GET", path, headers=headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, UploadedFile] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send a form from a page of ours, with files as browsers send them."""
        if files:
            body = _multipart(fields or {}, files)
            content_type = f"multipart/form-data; boundary={_BOUNDARY}"
        else:
            body = urlencode(fields or {}).encode()
            content_type = "application/x-www-form-urlencoded"
        sent = SAME_ORIGIN if headers is None else headers
        return self.send("POST", path, body, {"Content-Type": content_type, **sent})

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send any request, as API Gateway hands it to the function."""
        request = HttpRequest(
            method=method,
            target=path,
            headers=_message({"Cookie": f"{COOKIE}={self.cookie}", **(headers or {})}),
            body=body,
            client_address="192.0.2.1",
        )
        proxy = unquote(path.removeprefix("/desk").strip("/"))
        match = RouteMatch(
            resource="/desk/{proxy+}" if proxy else "/desk",
            variables={"proxy": proxy} if proxy else {},
        )
        is_bytes = request.headers.get_content_type() in desk_app.app.api.binary_types
        event = lambda_events.from_http(request, match, is_bytes=is_bytes)
        values = desk(event, lambda_events.context("Desk"))
        if values.get("isBase64Encoded"):
            values = {**values, "body": b64decode(values["body"])}
        return from_proxy(values)


def _message(headers: Mapping[str, str]) -> Message:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


def _multipart(fields: Mapping[str, str], files: Mapping[str, UploadedFile]) -> bytes:
    """A form by RFC 7578, as browsers send it."""
    parts = [
        f'{_PART}; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    ]
    parts += [
        (
            f'{_PART}; name="{name}"; '
            f'filename="{file.name}"\r\nContent-Type: {file.media_type}\r\n\r\n'
        ).encode()
        + file.content
        + b"\r\n"
        for name, file in files.items()
    ]
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
