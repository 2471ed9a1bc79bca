"""The geometry of charts: SVG without text, which `templates/desk/charts.html` draws.

Labels stand beside it in HTML, so that they keep their size on a phone; a table has the numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

HEIGHT: Final = 100
"""The height of every drawing, in units of its own. Widths are numbers of days."""


@dataclass(frozen=True, kw_only=True)
class ChartBar:
    """A bar at a place from 0, with the height of its value."""

    label: str
    value: int
    place: int
    height: float


@dataclass(frozen=True, kw_only=True)
class BarChart:
    """Bars side by side, such as days. `top` is the value of the full height."""

    bars: tuple[ChartBar, ...]
    top: int

    @property
    def first(self) -> str:
        """The label of the first bar."""
        return self.bars[0].label

    @property
    def last(self) -> str:
        """The label of the last bar."""
        return self.bars[-1].label


@dataclass(frozen=True, kw_only=True)
class GoalLevel:
    """A horizontal line at a value, `down` from the top of the drawing."""

    label: str
    value: int
    down: float


@dataclass(frozen=True, kw_only=True)
class LineChart:
    """A line that rises by day, and levels that it has reached or will. `points` are for SVG."""

    points: str
    width: int
    levels: tuple[GoalLevel, ...]
    first: str
    last: str
    top: int


@dataclass(frozen=True, kw_only=True)
class RankedBar:
    """A horizontal bar: its label, its value, and its length in per cent of the longest."""

    label: str
    value: int
    percent: float


def bar_chart(values: Mapping[date, int]) -> BarChart:
    """A bar for each of these days, in their order."""
    top = max(values.values(), default=0)
    return BarChart(
        bars=tuple(
            ChartBar(label=_day(day), value=value, place=place, height=_part(value, top))
            for place, (day, value) in enumerate(values.items())
        ),
        top=top,
    )


def line_chart(values: Mapping[date, int], levels: Sequence[int]) -> LineChart:
    """A line through these days, and those levels that fit, the next one above it included."""
    highest = max(values.values(), default=0)
    above = [level for level in levels if level > highest]
    top = max(highest, min(above, default=0), 1)
    days = list(values)
    return LineChart(
        points=" ".join(
            f"{place},{HEIGHT - _part(value, top):g}" for place, value in enumerate(values.values())
        ),
        width=max(len(days) - 1, 1),
        levels=tuple(
            GoalLevel(label=f"{level:,}", value=level, down=HEIGHT - _part(level, top))
            for level in levels
            if level <= top
        ),
        first=_day(days[0]) if days else "",
        last=_day(days[-1]) if days else "",
        top=top,
    )


def ranked_bars(values: Mapping[str, int]) -> tuple[RankedBar, ...]:
    """A bar for each label, in their order, beside the longest of them."""
    top = max(values.values(), default=0)
    return tuple(
        RankedBar(label=label, value=value, percent=_part(value, top))
        for label, value in values.items()
    )


def _part(value: int, top: int) -> float:
    return round(HEIGHT * max(value, 0) / top, 2) if top else 0.0


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
