"""Funnels, in the table of petitions: one item of figures for each petition and day."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import DayFigures
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_epoch
from chalicelib.store.dynamodb.table import Table

KEPT: Final = timedelta(days=40)
WRITE_EVERY: Final = timedelta(seconds=3)
"""A process that confirms more often than this writes what it has counted meanwhile at once."""
PAUSE: Final = timedelta(minutes=1)
"""After a write that failed, no confirmation of the process tries another for so long."""

Place = tuple[str, date]
"""A petition and a day (UTC)."""


@dataclass
class UnflushedFigures:
    """Figures that the threads of this process have counted and not yet written."""

    _figures: dict[Place, Counter[str]] = field(default_factory=dict)
    _next_write: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, slug: str, names: Iterable[str], now: datetime) -> None:
        """Count one confirmation in these figures."""
        with self._lock:
            self._figures.setdefault((slug, now.astimezone(UTC).date()), Counter()).update(names)

    def take(self, now: datetime) -> tuple[Place, Mapping[str, int]] | None:
        """Remove and return the place that has waited longest; None before the next write is due.

        It is one place, so that one confirmation never makes two writes.
        """
        with self._lock:
            is_early = self._next_write is not None and now < self._next_write
            if is_early or not self._figures:
                return None
            self._next_write = now + WRITE_EVERY
            place = next(iter(self._figures))
            return place, self._figures.pop(place)

    def pause(self, now: datetime) -> None:
        """Let no write be due for a while."""
        with self._lock:
            self._next_write = now + PAUSE


def add(table: Table, slug: str, day: date, figures: Mapping[str, int], *, now: datetime) -> None:
    """Q57: add to the figures of a day."""
    names = {f"#c{number}": name for number, name in enumerate(figures)}
    values = {f":c{number}": count for number, count in enumerate(figures.values())}
    table.update(
        keys.funnel(slug, day),
        "SET expires_at = :expires_at ADD " + ", ".join(f"{name} :{name[1:]}" for name in names),
        names=names,
        values={**values, ":expires_at": to_epoch(now + KEPT)},
        return_values=False,
    )


def from_item(item: Item) -> DayFigures:
    """The figures of an item. Raises ValueError for a damaged key."""
    return DayFigures(
        day=date.fromisoformat(item[keys.SK].removeprefix(keys.FUNNEL)),
        figures={name: value for name, value in item.items() if _is_figure(name, value)},
    )


def _is_figure(name: str, value: Any) -> bool:
    return funnel.is_name(name) and type(value) is int
