"""Figures as the public sees them: rounded down, so that nobody sees when one person signed.

Who can hold two figures against each other must learn nothing about one person from what is
between them. What remains: who signs many times with addresses of his own can learn how far the
next step is, and so see one signature come. Exact figures are for organisers.
"""

from collections.abc import Mapping, Sequence
from typing import Final

MAX_COUNTRIES: Final = 12
"""How many countries are shown; the others are too many to read."""
MIN_COUNTRIES: Final = 3
"""With fewer that qualify, none is shown: the list would be about those who are not on it."""


def public_count(count: int, step: int) -> int:
    """`count` rounded down to a multiple of `step`; exact if `step` is 1."""
    return max(0, count) // step * step


def public_countries(
    counts: Mapping[str, int], *, minimum: int, step: int
) -> Sequence[tuple[str, int]]:
    """Codes and figures of the countries from which at least `minimum` people signed.

    `counts` are exact, by ISO 3166-1 alpha-2 code; those who did not say are under "" and are
    never listed. Largest figure first, and by code where figures are alike: an order by exact
    counts would give away what rounding hides.

    There is no line for "others", and none must be made by subtraction: total minus lines would be
    the exact number of people in all small countries together, and where one country is small,
    theirs. As it is, the total and each line are each rounded down by up to `step` - 1, and who
    did not say is in the total alone. So the difference is never that of one country, and says
    no more than that some are not listed.
    """
    shown = [
        (code, public_count(count, step))
        for code, count in counts.items()
        if code and count >= minimum and count >= step
    ]
    shown.sort(key=lambda line: (-line[1], line[0]))
    return shown[:MAX_COUNTRIES] if len(shown) >= MIN_COUNTRIES else []
