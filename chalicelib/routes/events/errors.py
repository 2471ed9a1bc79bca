"""What a handler may say of an error: its name and its place, no message."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from chalicelib.routes import logs

log = logging.getLogger(__name__)


class HandlerFailed(Exception):
    """A handler could not do its work; AWS will deliver the event again. Names only our own."""


class UnknownEvent(Exception):
    """An event that this handler cannot have been sent."""


def redact_errors(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let an error out by name and place only: AWS logs its message, which may quote a person."""

    @wraps(handler)
    def redacted(event: Any) -> Any:
        try:
            return handler(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, AWS would log what it says
            failed = logs.report(log, handler.__name__, error)
        # Raised out here, so that the error is not chained to it and printed after all.
        raise HandlerFailed(failed)

    return redacted
