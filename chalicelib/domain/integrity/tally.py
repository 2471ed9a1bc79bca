"""The tally: counts each change of a signature once, however often it is delivered.

DynamoDB delivers a stream shard in order and at least once. The tally holds a *fence* for each
shard: the sequence number of the last counted change. Changes at or below it are counted already.
A fence is needed as long as the stream can deliver such a change again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.public_figures import NEVER, PublicFigures
from chalicelib.domain.signature import SignatureState

SEQUENCE_DIGITS: Final = 40
"""Sequence numbers are decimal strings of 21 to 40 digits (DynamoDB Streams API reference)."""

FENCE_LIFETIME: Final = timedelta(hours=26)
"""A stream keeps its records for 24 hours; the rest is for clocks that differ."""

Figures = Mapping[str, int]
"""Numbers of signatures by name: an ISO 3166-1 alpha-2 code, or "" for unknown countries."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """The attributes of a signature that the tally reads: its state, and its country or ""."""

    state: SignatureState
    country: str = ""

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> "Image":
        """The image of an item's attributes. Raises KeyError or ValueError for a damaged one."""
        image = cls(
            state=SignatureState(attributes["state"]), country=attributes.get("country", "")
        )
        if not is_country(image.country):
            raise ValueError("no country")
        return image


@dataclass(frozen=True, kw_only=True)
class SignatureChange:
    """One change of one signature.

    `differences` are its additions to the figures of countries, `breakdown` those to the breakdown
    (see `breakdown.py`).
    """

    slug: str
    sequence: str
    differences: Figures
    breakdown: Figures = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fence:
    """The last counted change of a stream shard, and when it was counted."""

    sequence: str
    counted_at: datetime

    def has_expired(self, now: datetime) -> bool:
        """Whether the stream no longer keeps any change up to this one."""
        return now - self.counted_at > FENCE_LIFETIME


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The confirmed signatures of one petition: in all, and by country without zeros.

    `repairs` counts the changes by the nightly reconciliation. `public` is what the public sees,
    unchanged from `public_since` on; `looked_at` is the last moment at which it could change.
    """

    slug: str
    count: int = 0
    countries: Figures = field(default_factory=dict)
    repairs: int = 0
    public: PublicFigures = field(default_factory=PublicFigures)
    public_since: datetime = NEVER
    looked_at: datetime = NEVER


def is_country(name: Any) -> bool:
    """Whether there can be a figure of this name: of a country, or of "" for unknown ones."""
    return name == "" or (isinstance(name, str) and name in COUNTRIES)


def sequence(number: str) -> str:
    """A sequence number as text of fixed length, so that text order is number order."""
    return number.zfill(SEQUENCE_DIGITS)


def differences(before: Image | None, after: Image | None) -> Figures:
    """The additions to the figures by a change from `before` to `after` (None: no item)."""
    figures: Counter[str] = Counter()
    for image, addition in ((before, -1), (after, 1)):
        if image is not None and image.state == SignatureState.CONFIRMED:
            figures[image.country] += addition
    return without_zeros(figures)


def total(additions: Iterable[Figures]) -> Figures:
    """All additions to figures together."""
    figures: Counter[str] = Counter()
    for each in additions:
        figures.update(each)
    return without_zeros(figures)


def after_fence(
    fence: Fence | None, changes: Iterable[SignatureChange]
) -> Sequence[SignatureChange]:
    """The changes that are not counted yet."""
    return [change for change in changes if fence is None or change.sequence > fence.sequence]


def drift(before: int, counted: int, after: int) -> int:
    """The number to add to a figure that is certainly wrong, else 0.

    `counted` is the number of signatures that were read while the figure went from `before` to
    `after`. Any figure between these two can be right, because signatures change during the count.
    """
    return min(counted - min(before, after), 0) or max(counted - max(before, after), 0)


def drifts(before: Figures, counted: Figures, after: Figures) -> Figures:
    """The numbers to add to those figures that are certainly wrong (see `drift`)."""
    return without_zeros(
        {
            name: drift(before.get(name, 0), counted.get(name, 0), after.get(name, 0))
            for name in {*before, *counted, *after}
        }
    )


def without_zeros(figures: Figures) -> Figures:
    """The figures that are not zero."""
    return {name: number for name, number in figures.items() if number}
