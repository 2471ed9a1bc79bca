"""Scripts: each under a name that changes with what it holds, so that it may be kept for ever."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.rendering import assets
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/static/{name}")
def script(_visit: Request, name: str) -> Response:
    """A script that a page of ours loads."""
    body = assets.find_static(name)
    if body is None:
        raise NotFound
    return responses.immutable(body, "text/javascript; charset=utf-8")
