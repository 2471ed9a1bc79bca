"""Posts of all networks in a minute: counted in each process, and written in batches."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.items import to_epoch
from chalicelib.store.dynamodb.table import Table

_RETENTION: Final = timedelta(hours=1)


@dataclass
class UnflushedPostCounts:
    """Posts of one minute that the threads of this process have counted and not yet written."""

    _minute: datetime | None = None
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, minute: datetime, posts: int = 1) -> None:
        """Count posts of a minute. A new minute drops the posts of the last one."""
        with self._lock:
            if self._minute is None or minute > self._minute:
                self._minute, self._count = minute, 0
            if minute == self._minute:
                self._count += posts

    def take(self, minute: datetime, *, at_least: int) -> int:
        """Remove and return the posts of a minute; 0 while they are fewer than `at_least`."""
        with self._lock:
            if minute != self._minute or self._count < at_least:
                return 0
            taken, self._count = self._count, 0
            return taken


def add_of_minute(table: Table, posts: int, *, part: str, now: datetime) -> None:
    """Q19: add posts of one process to the post total of this minute."""
    table.update(
        keys.post_total(now, part),
        "SET expires_at = :expires_at ADD post_count :posts",
        values={":posts": posts, ":expires_at": to_epoch(now + _RETENTION)},
    )


def of_minutes(table: Table, minutes: Sequence[datetime]) -> Sequence[int]:
    """Q19: the post total of each of these minutes (12 at most)."""
    totals = [keys.post_total(minute, part) for minute in minutes for part in keys.PARTS]
    counts = {item[keys.PK]: int(item["post_count"]) for item in table.find_many(totals)}
    return [
        sum(counts.get(keys.post_total(minute, part)[keys.PK], 0) for part in keys.PARTS)
        for minute in minutes
    ]
