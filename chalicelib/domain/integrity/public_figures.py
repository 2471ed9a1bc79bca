"""Rounds public figures down so that two readings cannot reveal one signature.

One attack remains: somebody who signs with many addresses of their own can find out the distance to
the next step. Exact figures are for organisers.
"""

from collections.abc import Mapping, Sequence
from typing import Final

MAX_COUNTRIES: Final = 12
"""The list shows at most so many countries."""
MIN_COUNTRIES: Final = 3
"""With fewer countries the list is empty: it would say too much about the unlisted ones."""


def public_count(count: int, step: int) -> int:
    """`count` rounded down to a multiple of `step`; exact if `step` is 1."""
    return max(0, count) // step * step


def public_countries(
    counts: Mapping[str, int], *, minimum: int, step: int
) -> Sequence[tuple[str, int]]:
    """Codes and figures of the countries from which at least `minimum` people signed.

    `counts` are exact, by ISO 3166-1 alpha-2 code; "" stands for unknown and is never listed.
    The order is by public figure, then by code: an order by exact counts would reveal them. There
    is no line for other countries (docs/decisions.md, 2026-11-25).
    """
    shown = [
        (code, public_count(count, step))
        for code, count in counts.items()
        if code and count >= minimum and count >= step
    ]
    shown.sort(key=lambda line: (-line[1], line[0]))
    return shown[:MAX_COUNTRIES] if len(shown) >= MIN_COUNTRIES else []
