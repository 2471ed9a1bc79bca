"""Turns views into routes: request, language, log line, and refusals as pages."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Final
from urllib.parse import quote, urlencode

from chalice.app import Blueprint, Response
from chalice.app import Request as ChaliceRequest

from chalicelib import wiring
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.petitions.petition import SLUG
from chalicelib.rendering import translations
from chalicelib.rendering.translations import Language
from chalicelib.routes import logs
from chalicelib.routes.http import responses
from chalicelib.routes.http.request import (
    Request,
    preferred_language,
    refuse_cross_site,
    require_cdn,
)
from chalicelib.routes.http.statuses import InternalError

log = logging.getLogger(__name__)

READ: Final = ("GET", "HEAD")
_SMALL: Final = frozenset(["language", "slug"])
"""Variables of paths that are always in small letters."""
_AFTER_LINKS: Final = " \u00a0.,;:!?…)]}>'\"»”’"
"""What a sentence has around a link, and no language or petition has."""

View = Callable[..., Response]


def router(blueprint: Blueprint) -> Callable[..., Callable[[View], View]]:
    """A `route` decorator for views that take a Request and the variables of their path.

    A path begins with `/{language}`, or has no language. Capitals in its language or petition are
    taken as small letters, and marks of a sentence after them are left out. Every error of a view
    becomes a page: Chalice would answer with JSON, and log the path, which may hold a token. Posts
    from other sites are refused, unless the view takes them `from_any_site`.
    """

    def route(
        path: str, methods: Sequence[str] = READ, *, from_any_site: bool = False
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def answer(**variables: str) -> Response:
                request = blueprint.current_request
                return _answer(view, path, request, variables, from_any_site=from_any_site)

            # All content types are accepted: a wrong one gets a page instead of Chalice's JSON.
            blueprint.route(path, methods=list(methods), content_types=["*/*"])(answer)
            return view

        return register

    return route


def _answer(
    view: View,
    path: str,
    raw: ChaliceRequest,
    variables: dict[str, str],
    *,
    from_any_site: bool,
) -> Response:
    started = time.perf_counter()
    small = {**variables, **{name: _meant(variables[name]) for name in _SMALL & variables.keys()}}
    wanted = small.get("language", "")
    language = _language(raw, wanted)
    try:
        request = Request(raw=raw, services=wiring.services(), language=language)
        require_cdn(request)
        if wanted not in ("", language.code):
            raise NotFound
        if request.method == "POST" and not from_any_site:
            refuse_cross_site(request)
        if small != variables and request.method in READ:
            response = responses.moved(_path_with_query(path, small, request))
        else:
            # A form would lose its fields on a redirect, so it is taken at either path.
            small.pop("language", None)
            response = view(request, **small)
    except Refusal as refusal:
        response = responses.refusal_page(language, refusal)
    except Exception as error:  # noqa: BLE001 - Chalice would log the path with its token
        logs.report(log, "request failed", error)
        response = responses.refusal_page(language, InternalError())
    if raw.method == "HEAD":
        response.body = ""
    log.info(
        "request",
        extra={
            "fields": {
                "id": (raw.context or {}).get("requestId", ""),
                "route": f"{raw.method} {path}",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
        },
    )
    return response


def _meant(typed: str) -> str:
    """A language or slug in small letters, without the marks of a sentence after it."""
    small = typed.lower()
    bare = small.rstrip(_AFTER_LINKS)
    return bare if SLUG.fullmatch(bare) else small


def _path_with_query(path: str, variables: Mapping[str, str], request: Request) -> str:
    """A path and the query of the request."""
    filled = path.format(**{name: quote(value, safe="") for name, value in variables.items()})
    query = urlencode(request.query)
    return f"{filled}?{query}" if query else filled


def _language(raw: ChaliceRequest, wanted: str) -> Language:
    """The language of the path, else the one that the browser prefers."""
    return translations.languages().get(wanted) or preferred_language(
        str(raw.headers.get("accept-language", ""))
    )
