"""Scripts, under names that change with their content, so that caches keep them for ever."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.rendering import assets
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/static/{name}")
def script(_request: Request, name: str) -> Response:
    """A script that our pages load."""
    body = assets.find_static(name)
    if body is None:
        raise NotFound
    return responses.immutable(body, "text/javascript; charset=utf-8")
