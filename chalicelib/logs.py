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

_LOGGER: Final = "chalicelib"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, "logger": record.name, "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        return json.dumps(line, separators=(",", ":"), default=str)


def configure() -> None:
    """Send our own log lines to standard output, once, and silence libraries below warnings."""
    logger = logging.getLogger(_LOGGER)
    if logger.handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def place_of(error: BaseException) -> str:
    """Where an error arose, as `module:line`. Its message may quote a person, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _LOGGER in Path(frame.filename).parts]
    if not ours:
        return "outside"
    return f"{Path(ours[-1].filename).stem}:{ours[-1].lineno}"
