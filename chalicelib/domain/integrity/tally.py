"""How changes of signatures become figures, each counted once however often it is delivered.

DynamoDB delivers a stream shard in order and at least once. The tally keeps a *fence* for each
shard: the sequence number of the last change that it has counted. Changes at or below the fence
have been counted before.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from chalicelib.domain.signature import SignatureState

SEQUENCE_DIGITS: Final = 40
"""Sequence numbers are decimal strings of 21 to 40 digits (DynamoDB Streams API reference)."""


Figures = Mapping[str, int]
"""Signatures by country: an ISO 3166-1 alpha-2 code, or "" for those who did not say."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """As much of a signature as counts: its state, and its country or ""."""

    state: str
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureChange:
    """One change of one signature. `differences` are what it adds to the figures."""

    slug: str
    sequence: str
    differences: Figures


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What has been counted so far for one petition: all, and by country, never zero.

    `repairs` counts how often the nightly reconciliation has changed this tally.
    """

    slug: str
    count: int = 0
    countries: Figures = field(default_factory=dict)
    repairs: int = 0


def sequence(number: str) -> str:
    """A sequence number as text of one length, so that text order is number order."""
    return number.zfill(SEQUENCE_DIGITS)


def differences(before: Image | None, after: Image | None) -> Figures:
    """What a change from `before` to `after` (None: no item) adds to the figures, never zero."""
    found: Counter[str] = Counter()
    for image, counts in ((before, -1), (after, 1)):
        if image is not None and image.state == SignatureState.CONFIRMED:
            found[image.country] += counts
    return _without_zeros(found)


def total(changes: Iterable[SignatureChange]) -> Figures:
    """What changes add to the figures together, never zero."""
    found: Counter[str] = Counter()
    for change in changes:
        found.update(change.differences)
    return _without_zeros(found)


def after_fence(fence: str | None, changes: Iterable[SignatureChange]) -> Sequence[SignatureChange]:
    """The changes that are not yet counted."""
    return [change for change in changes if fence is None or change.sequence > fence]


def drift(before: int, counted: int, after: int) -> int:
    """By how much a figure is surely wrong: what must be added to it.

    `counted` is what the table held while the figure went from `before` to `after`. People sign
    and withdraw meanwhile, and a count takes time: whatever lies between the two can be right.
    """
    return min(counted - min(before, after), 0) or max(counted - max(before, after), 0)


def _without_zeros(figures: Figures) -> Figures:
    return {country: number for country, number in figures.items() if number}
