"""What speaks for a program behind a form, and when that is enough to hold a signature.

A verdict is silent: whoever sent the form gets the same pages and the same mail. It is reversible:
what is held is kept sealed like any other signature, and an organiser can release it. No single
weak sign is enough, since each of them also fits a careful person: the service itself advises an
address that does not carry one's name, and a browser without scripts.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Signal(StrEnum):
    """One sign that a form was not filled in by a person."""

    HONEYPOT = "trap"
    """A field was filled in that people neither see nor hear."""
    DISPOSABLE = "disposable"
    """The address is of a provider whose mailboxes live for minutes."""
    SLOW_LANE = "slow-lane"
    """A proof of work was asked for and the form came without one."""
    BUSY_NETWORK = "busy-network"
    """The network had used up most of its share for the hour."""


WEIGHTS: Final = {
    Signal.HONEYPOT: 2,
    Signal.DISPOSABLE: 1,
    Signal.SLOW_LANE: 1,
    Signal.BUSY_NETWORK: 1,
}
THRESHOLD: Final = 2


def is_suspicious(signals: Collection[Signal]) -> bool:
    """Whether a signature with these signals is held instead of counted."""
    return sum(WEIGHTS[signal] for signal in set(signals)) >= THRESHOLD


def to_marks(signals: Collection[Signal]) -> str:
    """The signals as one letter each, "0100": as long with none as with all.

    What holds them in a link must not be longer for some, or it would tell them the verdict.
    """
    return "".join("1" if signal in signals else "0" for signal in Signal)


def from_marks(marks: str) -> frozenset[Signal]:
    """The signals that `to_marks` has written."""
    return frozenset(signal for signal, mark in zip(Signal, marks, strict=True) if mark == "1")
