"""What this process has read a moment ago, so that a viral page does not become a viral table."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Value = TypeVar("Value")

_MAX_ENTRIES = 1000
"""Far more than one process needs; a bound on what made-up addresses can fill."""


@dataclass(kw_only=True)
class Cache:
    """Values by key for `seconds`. On a failed refresh the old value is served, however old.

    Among threads one refreshes; the others go on with the value that has just expired, and wait
    only where there is none, or where it expired `seconds` ago.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)
    _refreshing: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, read: Callable[[], Value], *, stale_on: type[Exception]) -> Value:
        """The kept value while it is fresh, else what `read` returns now; `read` asks no cache.

        When `read` raises `stale_on`, a stale value is better than none.
        """
        kept = self._kept.get(key)
        age = self.clock() - kept[0] if kept else None
        if kept and age is not None and age < self.seconds:
            return kept[1]  # type: ignore[no-any-return]
        just_expired = age is not None and age < 2 * self.seconds
        if not self._refreshing.acquire(blocking=not just_expired):
            return kept[1]  # type: ignore[index,no-any-return]
        try:
            return self._refreshed(key, read, stale_on)
        finally:
            self._refreshing.release()

    def clear(self) -> None:
        """Forget everything, also what is being read at this moment."""
        self._kept = {}

    def _refreshed(
        self, key: Hashable, read: Callable[[], Value], stale_on: type[Exception]
    ) -> Value:
        entries, now = self._kept, self.clock()
        kept = entries.get(key)
        if kept and now - kept[0] < self.seconds:
            # Another thread has read it while this one waited.
            return kept[1]  # type: ignore[no-any-return]
        try:
            value = read()
        except stale_on:
            if kept is None:
                raise
            return kept[1]  # type: ignore[no-any-return]
        if kept and kept[1] == value:
            # The same object is told to be equal at a glance, which finished pages do (`answers`).
            value = kept[1]
        if len(entries) >= _MAX_ENTRIES:
            entries.clear()
        entries[key] = (now, value)
        return value
