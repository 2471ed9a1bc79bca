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
FLUSH_SIZE: Final = 20
"""Confirmations of one process for one write, while many come."""
SINGLE_WRITES: Final = 20
"""So many confirmations a minute are written at once: a process may see no other after them."""

Place = tuple[str, date]
"""A petition and a day (UTC)."""


@dataclass
class UnflushedFigures:
    """Figures that the threads of this process have counted and not yet written."""

    _figures: dict[Place, Counter[str]] = field(default_factory=dict)
    _count: int = 0
    _minute: datetime | None = None
    _writes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, slug: str, names: Iterable[str], now: datetime) -> None:
        """Count one confirmation in these figures."""
        with self._lock:
            self._figures.setdefault((slug, now.astimezone(UTC).date()), Counter()).update(names)
            self._count += 1

    def take(self, now: datetime) -> Mapping[Place, Mapping[str, int]]:
        """Remove and return what is to be written now; nothing while many come."""
        with self._lock:
            minute = now.replace(second=0, microsecond=0)
            if minute != self._minute:
                self._minute, self._writes = minute, 0
            if self._count < FLUSH_SIZE and self._writes >= SINGLE_WRITES:
                return {}
            taken, self._figures = self._figures, {}
            self._count, self._writes = 0, self._writes + 1
            return taken


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
