"""The page in place of figures and switches, for a petition that has none yet."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from chalice.app import Response

from chalicelib.domain.errors import NotFound
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import pages
from chalicelib.routes.desk.requests import DeskRequest

_Variables = ParamSpec("_Variables")
_View = Callable[Concatenate[DeskRequest, _Variables], Response]


def explained(view: _View[_Variables]) -> _View[_Variables]:
    """Answer for a petition, or a job of it, that does not exist: not by 404, which a CDN keeps."""

    @wraps(view)
    def answer(
        request: DeskRequest, /, *args: _Variables.args, **variables: _Variables.kwargs
    ) -> Response:
        try:
            return view(request, *args, **variables)
        except NotFound:
            return pages.message(
                request,
                "There is nothing here yet",
                "Figures, held signatures and switches begin when the petition is published. It is "
                "written on the page “Text”, and can be removed under “Settings”.",
                back=desk_urls.petition(request.slug, "write"),
                status=403,
            )

    return answer
