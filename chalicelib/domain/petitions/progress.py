"""How a petition gets on: its pace, the goals that it has reached, and when the next one may be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

PACE_DAYS: Final = 7
MAX_FORECAST_DAYS: Final = 366


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal: the day on which it was reached, or else the day on which it may be.

    Both are None for a goal that is not reached in a year at this pace.
    """

    number: int
    reached_on: date | None
    expected_on: date | None


def every_day(by_day: Mapping[date, int], today: date) -> Mapping[date, int]:
    """The numbers of each day from the first one to today, zeros included."""
    first = min(by_day, default=today)
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    return {day: by_day.get(day, 0) for day in days}


def cumulative(days: Mapping[date, int]) -> Mapping[date, int]:
    """How many there were by the end of each day."""
    return dict(zip(days, accumulate(days.values()), strict=True))


def paced_days(opens_on: date, days: Mapping[date, int], today: date) -> int:
    """The days that a pace is the average of: seven with today, or those since the opening."""
    first = min(opens_on, *days, today)
    return min((today - first).days + 1, PACE_DAYS)


def pace(days: Mapping[date, int], today: date, *, of: int) -> float:
    """Signatures a day, on average of the last days, today included."""
    first = today - timedelta(days=of - 1)
    return sum(count for day, count in days.items() if first <= day <= today) / of


def goals(
    numbers: Sequence[int], days: Mapping[date, int], *, per_day: float, today: date
) -> Sequence[Goal]:
    """The goals of a petition, in their order."""
    reached = cumulative(days)
    count = max(reached.values(), default=0)
    return [
        Goal(
            number=number,
            reached_on=next((day for day, total in reached.items() if total >= number), None),
            expected_on=_expected(number - count, per_day, today),
        )
        for number in numbers
    ]


def _expected(missing: int, per_day: float, today: date) -> date | None:
    if missing <= 0 or per_day <= 0 or missing / per_day > MAX_FORECAST_DAYS:
        return None
    return today + timedelta(days=math.ceil(missing / per_day))


def week_before(today: date) -> date:
    """The first of the seven days that end today."""
    return today - timedelta(days=6)


def from_ten_up(figures: Mapping[str, int], *, minimum: int) -> tuple[Mapping[str, int], int]:
    """The figures of at least `minimum`, largest first, and the sum of the others."""
    shown = {name: count for name, count in figures.items() if count >= minimum}
    ranked = dict(sorted(shown.items(), key=lambda line: (-line[1], line[0])))
    return ranked, sum(figures.values()) - sum(shown.values())
