"""The cookie of a session: the only one of the service, and only the desk is sent it."""

from typing import Final

from chalice.app import Response

from chalicelib.routes.http.request import Request

COOKIE: Final = "__Host-desk"
"""The prefix makes browsers insist: secure, of this host alone, for all its paths."""
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Strict"


def value_of(request: Request) -> str:
    """The value of the cookie; "" without one."""
    for pair in request.header("cookie").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def set_on(response: Response, value: str) -> Response:
    """The response, which gives the browser a cookie that goes when the browser is closed."""
    response.headers["Set-Cookie"] = f"{COOKIE}={value}; {_ATTRIBUTES}"
    return response


def removed_by(response: Response) -> Response:
    """The response, which takes the cookie away."""
    response.headers["Set-Cookie"] = f"{COOKIE}=; {_ATTRIBUTES}; Max-Age=0"
    return response
