"""Images, the only responses that are not text."""

from base64 import b64encode
from typing import Any

from chalice.app import Response

from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Request

PNG = "image/png"


class ImageResponse(Response):
    """A response whose body is bytes.

    Lambda returns them as base64. API Gateway decodes them if the request's Accept header begins
    with a binary type, which the CDN sets for images (`.chalice/resources.json`, the origin
    `pictures`). Chalice would refuse other Accept headers with JSON of its own, unless it finds no
    Content-Type; so `to_dict` adds that.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """The response as Lambda returns it."""
        values: dict[str, Any] = super().to_dict()
        values["headers"] = {**values["headers"], "Content-Type": PNG}
        # A response to HEAD, and one with status 304, has an empty text instead.
        if isinstance(self.body, bytes):
            values["body"] = b64encode(self.body).decode("ascii")
            values["isBase64Encoded"] = True
        return values


def png(request: Request, body: bytes, *, seconds: int) -> Response:
    """A PNG that any site may show, and that the CDN caches for `seconds`."""
    headers = {**responses.headers_of(PNG), **responses.caching_headers(body, seconds=seconds)}
    del headers["Content-Type"]
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return responses.or_not_modified(
        request, ImageResponse(body=body, status_code=200, headers=headers)
    )
