"""A clock that can be moved forward, so that nobody waits a week for a link to expire."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

LONGEST_STEP: Final = timedelta(days=366)


class BadStep(Exception):
    """The clock cannot be moved like that. The message says what it takes."""


class Clock:
    """Real time plus an offset that only grows."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> None:
        """Move the clock forward."""
        self.offset += step


def read_step(text: str) -> timedelta:
    """The step that a form field `advance_seconds` asks for. Raises BadStep."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_STEP.total_seconds():
        raise BadStep(
            f"advance_seconds must be a number from 0 to {LONGEST_STEP.total_seconds():.0f}"
        )
    return timedelta(seconds=seconds)
