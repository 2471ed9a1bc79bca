"""Scripts: each under a name that changes with what it holds, so that it may be kept for ever."""

from chalice.app import Blueprint, Response

from chalicelib import rendering
from chalicelib.domain.errors import NotFound
from chalicelib.routes import answers, web
from chalicelib.routes.visits import Visit

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/static/{name}")
def script(_visit: Visit, name: str) -> Response:
    """A script that a page of ours loads."""
    body = rendering.find_static(name)
    if body is None:
        raise NotFound
    return answers.unchanging(body, "text/javascript; charset=utf-8")
