"""The function of the desk: hands requests below `/desk` to an app of its own.

The public app registers this module, so that Chalice makes the function and its role. The app of
the desk is imported inside: public pages do not load it.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from chalice.app import Blueprint

from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.rendering import translations
from chalicelib.routes import logs
from chalicelib.routes.http import responses
from chalicelib.routes.http.route_table import RouteTable
from chalicelib.routes.http.statuses import InternalError

logs.configure()
log = logging.getLogger(__name__)
blueprint = Blueprint(__name__)

_NO_ROUTE: Final = "no route"


@blueprint.lambda_function(name="desk")
def desk(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Answer a request that API Gateway took for `/desk` or `/desk/{proxy+}`."""
    try:
        from chalicelib.desk_app import app  # noqa: PLC0415

        # The path is decoded already; the table decodes it once more.
        match = RouteTable(app.routes).match(quote(event["path"]))
        if match is None or event["httpMethod"] not in app.routes[match.resource]:
            log.info(_NO_ROUTE)
            return _refusal(NotFound())
        routed = {
            **event,
            "pathParameters": dict(match.variables) or None,
            "requestContext": {**event["requestContext"], "resourcePath": match.resource},
        }
        answer: Mapping[str, Any] = app(routed, context)
    except Exception as error:  # noqa: BLE001 - AWS would log the message of any error
        logs.report(log, "desk failed", error)
        return _refusal(InternalError())
    return answer


def _refusal(refusal: Refusal) -> Mapping[str, Any]:
    """The same page for everybody, which therefore tells nothing."""
    language = translations.languages()[translations.SOURCE_LANGUAGE]
    page: Mapping[str, Any] = responses.refusal_page(language, refusal).to_dict()
    return page
