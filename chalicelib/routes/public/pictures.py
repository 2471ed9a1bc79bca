"""The pictures of petitions, under names that change with their bytes, so that caches keep them."""

from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.domain.petitions.picture import MediaType
from chalicelib.routes.http import images, router
from chalicelib.routes.http.request import Request
from chalicelib.usecases.petitions import browsing

blueprint = Blueprint(__name__)
route = router.router(blueprint)

_TYPES: Final = {media_type.extension: media_type for media_type in MediaType}


@route("/pictures/{slug}/{name}")
def picture(request: Request, slug: str, name: str) -> Response:
    """A picture of a petition."""
    body = browsing.show_picture(request.services, slug, name)
    return images.immutable(request, body, _TYPES[name.rpartition(".")[2]])
