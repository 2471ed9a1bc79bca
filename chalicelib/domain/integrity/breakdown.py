"""The breakdown of a petition's signatures: how many by day, and why some are held.

Organisers see it; the public does not. It is counted like the tally, and repaired with it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, Final

from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity.tally import Figures, SignatureChange, without_zeros
from chalicelib.domain.signature import SignatureState

CONFIRMED: Final = "confirmed#"
HELD: Final = "held#"
"""Before a day (UTC): the signatures of that day in this state."""
REASON: Final = "reason#"
"""Before a reason: the held signatures that have it. One can have several."""
BY_HAND: Final = "by-hand"
"""The reason of a hold by an organiser, whose words are with the signature only."""
REASONS: Final = (*map(str, Signal), BY_HAND)
MAX_NAMES: Final = 100
"""Figures that one write changes: its expression may have 4 KB (DynamoDB's quotas)."""
_NAME: Final = re.compile(
    rf"(?:{CONFIRMED}|{HELD})\d{{4}}-\d\d-\d\d|{REASON}(?:{'|'.join(REASONS)})", re.ASCII
)


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Signatures by day (UTC), confirmed and held, and held ones by reason, without zeros.

    `repairs` counts the changes by the nightly reconciliation.
    """

    figures: Figures = field(default_factory=dict)
    repairs: int = 0

    @property
    def confirmed(self) -> Mapping[date, int]:
        """The confirmed signatures of each day, oldest first."""
        return self._days(CONFIRMED)

    @property
    def held(self) -> Mapping[date, int]:
        """The held signatures of each day, oldest first."""
        return self._days(HELD)

    @property
    def reasons(self) -> Mapping[str, int]:
        """The held signatures by reason."""
        return {
            name.removeprefix(REASON): number
            for name, number in sorted(self.figures.items())
            if name.startswith(REASON) and number
        }

    def _days(self, prefix: str) -> Mapping[date, int]:
        return {
            date.fromisoformat(name.removeprefix(prefix)): number
            for name, number in sorted(self.figures.items())
            if name.startswith(prefix) and number
        }


def is_name(name: str) -> bool:
    """Whether there can be a figure of this name."""
    return _NAME.fullmatch(name) is not None


def figures_of(attributes: Mapping[str, Any]) -> Figures:
    """The figures to which an item of the table of signatures adds one each.

    None for a tombstone, and for a damaged item: it counts as little as one that is missing.
    """
    try:
        state = SignatureState(attributes["state"])
        day = date.fromisoformat(attributes["confirmed_on"]).isoformat()
    except (KeyError, TypeError, ValueError):
        return {}
    if state is SignatureState.CONFIRMED:
        return {CONFIRMED + day: 1}
    if state is not SignatureState.HELD:
        return {}
    reasons = {reason for reason in attributes.get("signals", ()) if reason in REASONS}
    if attributes.get("why"):
        reasons.add(BY_HAND)
    return {HELD + day: 1, **{REASON + reason: 1 for reason in sorted(reasons)}}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Figures:
    """The additions to the figures by a change of an item; an empty one is none."""
    figures = Counter(figures_of(after))
    figures.subtract(figures_of(before))
    return without_zeros(figures)


def parts(changes: Iterable[SignatureChange]) -> Iterator[list[SignatureChange]]:
    """Changes in their order, in parts that change up to `MAX_NAMES` figures each."""
    names: set[str] = set()
    part = 0

    def number(change: SignatureChange) -> int:
        nonlocal part
        names.update(change.breakdown)
        if len(names) > MAX_NAMES:
            part += 1
            names.clear()
            names.update(change.breakdown)
        return part

    for _, group in groupby(changes, key=number):
        yield list(group)
