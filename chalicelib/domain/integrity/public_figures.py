"""Public figures: counts as the public sees them, set at fixed moments and rounded at random.

Random rounding is a method of statistical disclosure control. A figure that is due becomes the
multiple of the step below the count less a random number, drawn anew, of 0 to one less than the
step. So one signature more or less changes what a moment shows with a probability of 1/step at
most, however many signatures of its own somebody adds before. Between two moments figures stand
still, and they never fall before the petition has ended. Exact figures are for organisers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

MAX_COUNTRIES: Final = 12
"""The list shows at most so many countries."""
MIN_COUNTRIES: Final = 3
"""With fewer countries the list is empty: it would say too much about the unlisted ones."""
BUSY_FACTOR: Final = 100
"""After a move by so many steps the figures are due each minute, with steps as much larger."""

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every moment at which figures were set."""
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_FACTORS: Final = {_HOUR: 1, timedelta(minutes=10): 10}
"""How often figures are due, and the factor of their step then: the rarer, the finer."""

Draw = Callable[[int], int]
"""A secret random number from 0 to one less than its argument, such as `secrets.randbelow`."""


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """The step of public figures, and the smallest figure of a country that is shown."""

    step: int
    country_minimum: int


@dataclass(frozen=True, kw_only=True)
class PublicFigures:
    """The figures that are shown: in all, and by ISO 3166-1 alpha-2 code."""

    count: int = 0
    countries: Mapping[str, int] = field(default_factory=dict)

    @property
    def listed_countries(self) -> Sequence[tuple[str, int]]:
        """Codes and figures of the countries to list, largest first, then by code.

        There is no line for other countries (docs/decisions.md, 2026-11-25).
        """
        lines = sorted(self.countries.items(), key=lambda line: (-line[1], line[0]))
        return lines[:MAX_COUNTRIES] if len(lines) >= MIN_COUNTRIES else []


@dataclass(frozen=True, kw_only=True)
class DueMoment:
    """A moment at which figures are set. Those of countries are set once a day only."""

    at: datetime
    factor: int
    with_countries: bool = False


def due_moment(looked_at: datetime, now: datetime, *, busy: bool) -> DueMoment | None:
    """The latest moment after `looked_at` at which figures were due, the finest if several are.

    Hours, ten minutes, and minutes while `busy`, all in UTC; the first hour of a day is for the
    countries, too. None before the next one. A run that comes late finds the moment that it missed.
    """
    factors = {**_FACTORS, _MINUTE: BUSY_FACTOR} if busy else _FACTORS
    for period, factor in factors.items():
        at = _last(period, now)
        if at > looked_at:
            return DueMoment(at=at, factor=factor, with_countries=_last(_DAY, now) > looked_at)
    return None


def final_moment(closes_at: datetime, link_lifetime: timedelta) -> datetime:
    """The moment that sets the final figures: after the last confirmation can have come."""
    return closes_at + link_lifetime


def next_hour(now: datetime) -> datetime:
    """The next moment at which figures move by single steps."""
    return _last(_HOUR, now) + _HOUR


def figures_at(
    moment: DueMoment,
    shown: PublicFigures,
    *,
    count: int,
    countries: Mapping[str, int],
    rounding: Rounding,
    ended: bool,
    draw: Draw,
) -> PublicFigures:
    """The figures from this moment on, after `shown`. `count` and `countries` are exact.

    They rise or stay; when the petition has `ended` they become the final ones, and may fall.
    """
    step = rounding.step * moment.factor
    before = PublicFigures() if ended else shown
    by_country = {}
    if moment.with_countries or ended:
        by_country = {
            code: figure
            for code, exact in countries.items()
            if code and (figure := _rounded(exact, step, draw)) >= rounding.country_minimum
        }
    # A total below the sum of its parts would look wrong.
    total = max(_rounded(count, step, draw), sum(by_country.values()))
    return PublicFigures(
        count=max(before.count, total),
        countries={
            code: max(before.countries.get(code, 0), by_country.get(code, 0))
            for code in {**before.countries, **by_country}
        },
    )


def _rounded(count: int, step: int, draw: Draw) -> int:
    """`count` rounded down at random, to a multiple of `step`; exact if `step` is 1."""
    return max(0, count - draw(step)) // step * step


def _last(period: timedelta, now: datetime) -> datetime:
    """The last multiple of `period` since 1970, not after `now`."""
    return now - (now - NEVER) % period
