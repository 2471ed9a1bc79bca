"""Keeps the error of one alert or digest from the others."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def isolated(errors: list[Exception], name: str) -> Iterator[None]:
    """Log an error of the block by its class, and append it to `errors`."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the others go on, and the first is raised at the end
        log.error("%s failed: %s", name, type(error).__name__)
        errors.append(error)
