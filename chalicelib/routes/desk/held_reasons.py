"""Why signatures are held, in words."""

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity.breakdown import BY_HAND

WORDS: Final[Mapping[str, str]] = {
    Signal.HONEYPOT: "a hidden field was filled in",
    Signal.DISPOSABLE: "a disposable mailbox",
    Signal.SLOW_LANE: "no proof of work while one was asked for",
    Signal.BUSY_NETWORK: "very many forms from one network",
    Signal.BUSY_DOMAIN: "several mailboxes of one small domain in a day",
    Signal.FLOODED_DOMAIN: "very many mailboxes of one small domain in a day",
    BY_HAND: "held by hand",
}


def named(reasons: Mapping[str, int]) -> Mapping[str, int]:
    """The numbers by reason in words, the largest first."""
    ranked = sorted(reasons.items(), key=lambda line: (-line[1], line[0]))
    return {WORDS.get(reason, reason): count for reason, count in ranked}
