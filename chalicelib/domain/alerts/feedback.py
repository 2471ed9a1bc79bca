"""Feedback: what SES reports about a mail that it has taken, in events that come later."""

from enum import StrEnum
from typing import Final

_REVIEWED_PER_THOUSAND: Final = 1
"""SES reviews accounts from 0.1 % complaints on, and may let them send nothing more from 0.5 % on
(SES developer guide, "Sending review process FAQs").
"""
_FEWEST: Final = 2
"""One person says nothing about a list."""


class EventKind(StrEnum):
    """The kind of an event about one mail. A soft bounce says nothing about the next mail."""

    SEND = "send"
    DELIVERY = "delivery"
    DELAY = "delay"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    COMPLAINT = "complaint"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering_failure"


def is_too_many(complaints: int, sent: int) -> bool:
    """Whether so many complaints about so many mails are more than SES takes for normal."""
    return complaints >= _FEWEST and complaints * 1_000 >= sent * _REVIEWED_PER_THOUSAND
