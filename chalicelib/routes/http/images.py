"""Images, the only responses that may not be text."""

from base64 import b64encode
from typing import Any, Final

from chalice.app import Response

from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.responses import Headers

_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""An SVG that is opened by itself is a document: it may load, run and send nothing."""


class ImageResponse(Response):
    """A response whose body is bytes.

    Lambda returns them as base64. API Gateway decodes them if the request's Accept header begins
    with a binary type, which the CDN sets for images (`.chalice/resources.json`, the origin
    `pictures`). Chalice would refuse other Accept headers with JSON of its own, unless it finds no
    Content-Type; so `to_dict` adds that.
    """

    def __init__(self, body: bytes, content_type: str, headers: Headers) -> None:
        others = {name: value for name, value in headers.items() if name != "Content-Type"}
        super().__init__(body=body, status_code=200, headers=others)
        self._content_type = content_type

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """The response as Lambda returns it."""
        values: dict[str, Any] = super().to_dict()
        values["headers"] = {**values["headers"], "Content-Type": self._content_type}
        # A response to HEAD, and one with status 304, has an empty text instead.
        if isinstance(self.body, bytes):
            values["body"] = b64encode(self.body).decode("ascii")
            values["isBase64Encoded"] = True
        return values


def cached(request: Request, body: bytes, content_type: str, *, seconds: int) -> Response:
    """An image that any site may show, and that the CDN caches for `seconds`."""
    return _image(request, body, content_type, responses.caching_headers(body, seconds=seconds))


def immutable(request: Request, body: bytes, content_type: str) -> Response:
    """An image that any site may show, and that never changes at its address."""
    headers = {**responses.caching_headers(body, seconds=0), **responses.IMMUTABLE}
    return _image(request, body, content_type, headers)


def _image(request: Request, body: bytes, content_type: str, caching: Headers) -> Response:
    headers: Headers = {
        **responses.headers_of(content_type),
        **caching,
        "Content-Security-Policy": _POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return responses.or_not_modified(request, ImageResponse(body, content_type, headers))
