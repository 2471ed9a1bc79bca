"""Log lines: one JSON object each, whose fields hold nothing about a person.

Allowed: request id, route, status, duration, petition, language, counts, names in our own code.
Never: an address, a name, a client IP, a user agent, a token, a form body, an exception's message.
One exception: `fix` holds the message of a `Misconfigured`, which is about settings only.
"""

import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Final

from chalicelib.domain.errors import Misconfigured

_LOGGER: Final = "chalicelib"
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=str)
_reported: set[str] = set()


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, "logger": record.name, "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        return _ENCODER.encode(line)


def configure() -> None:
    """Send our log lines to standard output. A second call changes nothing."""
    logger = logging.getLogger(_LOGGER)
    if logger.handlers:
        return
    # Fields that no line shows are not looked up (Python's Logging HOWTO, "Optimization").
    logging._srcfile = None  # noqa: SLF001 - the manual names it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def report(log: logging.Logger, event: str, error: BaseException) -> str:
    """Log the name and location of an error; returns both as text.

    A mistake of the operator is logged with its message, once a process: it has no personal data,
    and would repeat with every request.
    """
    fields = {"error": type(error).__name__, "at": location_of(error)}
    if isinstance(error, Misconfigured) and str(error) not in _reported:
        _reported.add(str(error))
        fields["fix"] = str(error)
    log.error(event, extra={"fields": fields})
    return f"{event}: {fields['error']} at {fields['at']}"


def location_of(error: BaseException) -> str:
    """Where an error arose in our code, as `module:line`; "outside" if nowhere."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _LOGGER in Path(frame.filename).parts]
    if not ours:
        return "outside"
    return f"{Path(ours[-1].filename).stem}:{ours[-1].lineno}"
