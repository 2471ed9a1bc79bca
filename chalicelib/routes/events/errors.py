"""Errors of event handlers, without their messages: AWS logs those, and they may quote a person."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from chalicelib.routes import logs

log = logging.getLogger(__name__)


class HandlerFailed(Exception):
    """A handler failed, and AWS delivers the event again. The message names our code only."""


class UnknownEvent(Exception):
    """The event is none that this handler can get."""


def redact_errors(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Replace an error by its name and location."""

    @wraps(handler)
    def redacted(event: Any) -> Any:
        try:
            return handler(event)
        except Exception as error:  # noqa: BLE001 - AWS would log the message of any error
            failed = logs.report(log, handler.__name__, error)
        # Raised outside the except block, so that AWS does not print the error as its context.
        raise HandlerFailed(failed)

    return redacted
