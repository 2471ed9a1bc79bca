"""Posts of everybody in a minute: counted in each process, then written in batches."""

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
    """Posts of one minute that this process has counted and not written yet, among its threads."""

    _minute: datetime | None = None
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, minute: datetime, posts: int = 1) -> None:
        """Count posts of a minute. Those of a minute before it are forgotten."""
        with self._lock:
            if self._minute is None or minute > self._minute:
                self._minute, self._count = minute, 0
            if minute == self._minute:
                self._count += posts

    def take(self, minute: datetime, *, at_least: int) -> int:
        """All posts of a minute, to be written by who takes them; 0 while there are too few."""
        with self._lock:
            if minute != self._minute or self._count < at_least:
                return 0
            taken, self._count = self._count, 0
            return taken


def add_of_minute(table: Table, posts: int, *, part: str, now: datetime) -> None:
    """Q19: add posts of one process to those of everybody in this minute."""
    table.update(
        keys.post_total(now, part),
        "SET expires_at = :expires_at ADD post_count :posts",
        values={":posts": posts, ":expires_at": to_epoch(now + _RETENTION)},
    )


def of_minutes(table: Table, minutes: Sequence[datetime]) -> Sequence[int]:
    """Q19: how many posts came in each of these minutes (12 at most), all networks together."""
    wanted = [keys.post_total(minute, part) for minute in minutes for part in keys.PARTS]
    counts = {item[keys.PK]: int(item["post_count"]) for item in table.find_many(wanted)}
    return [
        sum(counts.get(keys.post_total(minute, part)[keys.PK], 0) for part in keys.PARTS)
        for minute in minutes
    ]
