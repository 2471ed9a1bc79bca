"""Waits for what AWS does by itself, as boto3's waiters do."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

_POLL_SECONDS: Final = 0.1
_LIMIT_SECONDS: Final = 30.0
"""The engine needs a second or two."""

Result = TypeVar("Result")


def wait_until(
    what: str, check: Callable[[], Result | None], *, seconds: float = _LIMIT_SECONDS
) -> Result:
    """The first true result of `check`. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (result := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} seconds; last seen: {result!r}")
        time.sleep(_POLL_SECONDS)
    return result
