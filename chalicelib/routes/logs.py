"""Log lines: one JSON object each, of fields that can hold nothing about a person.

Allowed: request id, route, status, duration, petition, language, counts, names of our own things.
Never: an address, a name, a client IP, a user agent, a token, a form body, an exception's message.
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
_mend_said: set[str] = set()


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, "logger": record.name, "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        return _ENCODER.encode(line)


def configure() -> None:
    """Send our own log lines to standard output, once, and silence libraries below warnings."""
    logger = logging.getLogger(_LOGGER)
    if logger.handlers:
        return
    # What no line shows is not looked up for it (Python's Logging HOWTO, "Optimization").
    logging._srcfile = None  # noqa: SLF001 - the manual names it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def report(log: logging.Logger, event: str, error: BaseException) -> str:
    """Log what may be said of an error, and return it: its name and place.

    What the operator has to mend is named besides, once in a process: it would fail again and
    again, and say the same each time.
    """
    fields = {"error": type(error).__name__, "at": location_of(error)}
    if isinstance(error, Misconfigured) and str(error) not in _mend_said:
        _mend_said.add(str(error))
        fields["mend"] = str(error)
    log.error(event, extra={"fields": fields})
    return f"{event}: {fields['error']} at {fields['at']}"


def location_of(error: BaseException) -> str:
    """Where an error arose, as `module:line`. Its message may quote a person, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _LOGGER in Path(frame.filename).parts]
    if not ours:
        return "outside"
    return f"{Path(ours[-1].filename).stem}:{ours[-1].lineno}"
