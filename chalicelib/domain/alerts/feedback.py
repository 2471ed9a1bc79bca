"""Feedback: what SES reports about a mail that it has taken, in events that come later."""

from enum import StrEnum


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
