"""Pictures: the one kind of answer that is no text, and how it gets through API Gateway."""

from base64 import b64encode
from typing import Any

from chalice.app import Response

from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Request

PNG = "image/png"


class ImageResponse(Response):
    """A response whose body is bytes.

    Lambda answers with text, so bytes travel as base64. API Gateway turns them back if the Accept
    header of the request begins with a type that the API calls binary, which the CDN sees to for
    pictures (`.chalice/resources.json`, the origin `pictures`). Chalice refuses with JSON of its
    own what does not say so; as it finds no type among our headers, it leaves that to us.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """The response as Lambda returns it: binary, whatever Chalice calls so."""
        values: dict[str, Any] = super().to_dict()
        values["headers"] = {**values["headers"], "Content-Type": PNG}
        # An answer to HEAD, and one that says that nothing has changed, have an empty text here.
        if isinstance(self.body, bytes):
            values["body"] = b64encode(self.body).decode("ascii")
            values["isBase64Encoded"] = True
        return values


def png(request: Request, body: bytes, *, seconds: int) -> Response:
    """Answer with a picture that any site may show and the CDN may keep."""
    headers = {**responses.headers_of(PNG), **responses.caching_headers(body, seconds=seconds)}
    del headers["Content-Type"]
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return responses.or_not_modified(
        request, ImageResponse(body=body, status_code=200, headers=headers)
    )
