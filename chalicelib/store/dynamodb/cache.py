"""A cache of reads in the memory of the process."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Value = TypeVar("Value")

_MAX_ENTRIES = 1000
"""A bound on the memory that made-up slugs can fill; a process needs far fewer."""


@dataclass(kw_only=True)
class Cache:
    """Values by key for `seconds`. A failed refresh serves the old value, however old it is.

    One thread refreshes at a time. The others get a value that has expired less than `seconds` ago,
    and wait where there is none.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _entries: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)
    _refreshing: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, read: Callable[[], Value], *, stale_on: type[Exception]) -> Value:
        """The cached value while it is fresh, else the value of `read`, which uses no cache.

        When `read` raises `stale_on`, the expired value, if there is one.
        """
        entry = self._entries.get(key)
        age = self.clock() - entry[0] if entry else None
        if entry and age is not None and age < self.seconds:
            return entry[1]  # type: ignore[no-any-return]
        just_expired = age is not None and age < 2 * self.seconds
        if not self._refreshing.acquire(blocking=not just_expired):
            return entry[1]  # type: ignore[index,no-any-return]
        try:
            return self._refreshed(key, read, stale_on)
        finally:
            self._refreshing.release()

    def clear(self) -> None:
        """Empty the cache, also of values that are being read."""
        self._entries = {}

    def _refreshed(
        self, key: Hashable, read: Callable[[], Value], stale_on: type[Exception]
    ) -> Value:
        entries, now = self._entries, self.clock()
        entry = entries.get(key)
        if entry and now - entry[0] < self.seconds:
            # Another thread has refreshed the value while this one waited.
            return entry[1]  # type: ignore[no-any-return]
        try:
            value = read()
        except stale_on:
            if entry is None:
                raise
            return entry[1]  # type: ignore[no-any-return]
        if entry and entry[1] == value:
            # The same object compares fast where finished pages are cached by it (`responses`).
            value = entry[1]
        if len(entries) >= _MAX_ENTRIES:
            entries.clear()
        entries[key] = (now, value)
        return value
