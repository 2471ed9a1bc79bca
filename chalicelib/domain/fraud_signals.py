"""Signals of a program behind a form, and the weight from which on a signature is held.

The sender gets the same pages and mails either way. An organiser can release a held signature. No
weak signal is enough alone, since each also fits a careful person.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Signal(StrEnum):
    """One signal that a form was not filled in by a person."""

    HONEYPOT = "honeypot"
    """The honeypot field, which people neither see nor hear, was filled in."""
    DISPOSABLE = "disposable"
    """The address is of a provider of disposable mailboxes."""
    SLOW_LANE = "slow-lane"
    """A proof of work was required and the form came without one."""
    BUSY_NETWORK = "busy-network"
    """The network, or one around it, had used up most of its quota for the hour."""
    BUSY_DOMAIN = "busy-domain"
    """Several mailboxes of its domain had confirmed on this day; no large provider has it."""
    FLOODED_DOMAIN = "flooded-domain"
    """Very many had, as when a university signs, or one person who owns the domain."""


WEIGHTS: Final = {
    Signal.HONEYPOT: 2,
    Signal.DISPOSABLE: 1,
    Signal.SLOW_LANE: 1,
    Signal.BUSY_NETWORK: 1,
    Signal.BUSY_DOMAIN: 1,
    Signal.FLOODED_DOMAIN: 2,
}
THRESHOLD: Final = 2


def is_suspicious(signals: Collection[Signal]) -> bool:
    """Whether a signature with these signals is held instead of counted."""
    return sum(WEIGHTS[signal] for signal in set(signals)) >= THRESHOLD


def to_marks(signals: Collection[Signal]) -> str:
    """The signals as one digit each, such as "0100".

    The length is always the same, because the length of a token must not show the signals.
    """
    return "".join("1" if signal in signals else "0" for signal in Signal)


def from_marks(marks: str) -> frozenset[Signal]:
    """The signals of a text that `to_marks` has written."""
    return frozenset(signal for signal, mark in zip(Signal, marks, strict=True) if mark == "1")
