"""What this process has read a moment ago, so that a viral page does not become a viral table."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Value = TypeVar("Value")

_MOST_ENTRIES = 1000
"""Far more than one process needs; a bound on what made-up addresses can fill."""


@dataclass(kw_only=True)
class Cache:
    """Values by key for `seconds`. On a failed refresh the old value is served, however old."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: Hashable, read: Callable[[], Value], *, or_old_on: type[Exception]) -> Value:
        """The kept value while it is fresh, else what `read` returns now.

        When `read` raises `or_old_on`, a stale value is better than none.
        """
        now = self.clock()
        kept = self._kept.get(key)
        if kept and now - kept[0] < self.seconds:
            return kept[1]  # type: ignore[no-any-return]
        try:
            value = read()
        except or_old_on:
            if kept is None:
                raise
            return kept[1]  # type: ignore[no-any-return]
        if len(self._kept) >= _MOST_ENTRIES:
            self._kept.clear()
        self._kept[key] = (now, value)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
