"""How a view becomes a route: its visit, its language, its log line, and refusals as pages."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Final

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.errors import N_, NotFound, Refusal
from chalicelib.rendering import translations
from chalicelib.rendering.translations import Language
from chalicelib.routes import logs
from chalicelib.routes.http import responses
from chalicelib.routes.http.request import (
    Visit,
    preferred_language,
    refuse_cross_site,
    refuse_other_doors,
)

log = logging.getLogger(__name__)

READ: Final = ("GET", "HEAD")

View = Callable[..., Response]


class Broken(Refusal):
    """Something of ours failed. Says so, and nothing else."""

    status = 500
    title = N_("Something went wrong on our side")
    message = N_("It is not your fault. Please try again in a few minutes.")


def router(blueprint: Blueprint) -> Callable[..., Callable[[View], View]]:
    """A `route` for views that take a Visit and the variables of their path.

    A path begins with `/{language}` or has no language. Whatever a view raises becomes a page:
    Chalice would answer JSON, and log the path, which may hold a token.
    """

    def route(path: str, methods: Sequence[str] = READ) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def answer(**variables: str) -> Response:
                return _answer(view, path, blueprint.current_request, variables)

            # Any content type is let in, so that a wrong one gets a page and not Chalice's JSON.
            blueprint.route(path, methods=list(methods), content_types=["*/*"])(answer)
            return view

        return register

    return route


def _answer(view: View, path: str, request: Request, variables: dict[str, str]) -> Response:
    started = time.perf_counter()
    wanted = variables.pop("language", "")
    language = _language(request, wanted)
    try:
        visit = Visit(request=request, services=wiring.services(), language=language)
        refuse_other_doors(visit)
        if wanted not in ("", language.code):
            raise NotFound
        if visit.method == "POST":
            refuse_cross_site(visit)
        response = view(visit, **variables)
    except Refusal as refusal:
        response = responses.refusal_page(language, refusal)
    except Exception as error:  # noqa: BLE001 - Chalice would log the path, and with it a token
        logs.report(log, "request failed", error)
        response = responses.refusal_page(language, Broken())
    if request.method == "HEAD":
        response.body = ""
    log.info(
        "request",
        extra={
            "fields": {
                "id": (request.context or {}).get("requestId", ""),
                "route": f"{request.method} {path}",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
        },
    )
    return response


def _language(request: Request, wanted: str) -> Language:
    """The language that the path names, else the one that the visitor's browser likes best."""
    return translations.languages().get(wanted) or preferred_language(
        str(request.headers.get("accept-language", ""))
    )
