"""The pilot of an alert: its first 1,000 recipients, whose outcomes are awaited before the others.

A wrong list or a text that people complain about then reaches few, and harms the sender's
reputation little.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts import feedback
from chalicelib.domain.alerts.alert import Alert

PILOT_RECIPIENTS: Final = 1_000
PATIENCE: Final = timedelta(minutes=10)
"""How long after the sending outcomes are awaited: most bounces come within a minute or two."""
_KNOWN_PERCENT: Final = 95
_BOUNCE_PERCENT: Final = 5
"""SES reviews accounts from 5 % hard bounces on (SES developer guide, "Sender review process")."""


@dataclass(frozen=True, kw_only=True)
class PilotReport:
    """Numbers of the pilot's recipients: sent to by SES, and what events say of them.

    `settled_at` is when the last of them was sent, None while some are not.
    """

    sent: int
    known: int
    bounced: int
    complained: int
    settled_at: datetime | None


def room(alert: Alert) -> int:
    """The number of recipients who may be added to an alert now."""
    rest = PILOT_RECIPIENTS - alert.recipient_count
    return 10**9 if alert.pilot_checked else max(0, rest)


def is_awaited(alert: Alert) -> bool:
    """Whether the other recipients of an alert wait for its pilot."""
    return alert.is_open and alert.cursor is not None and not room(alert)


def is_over(report: PilotReport, now: datetime) -> bool:
    """Whether enough is known of the pilot, or the patience is over."""
    if report.settled_at is None:
        return False
    known = report.known * 100 >= report.sent * _KNOWN_PERCENT
    return known or now >= report.settled_at + PATIENCE


def objection(report: PilotReport) -> str:
    """Why the alert must not go on, for organisers; "" if it may."""
    if report.bounced * 100 >= max(report.sent, 1) * _BOUNCE_PERCENT:
        return f"{report.bounced} of the first {report.sent} addresses do not exist"
    complaints = report.complained
    if feedback.is_too_many(complaints, report.sent):
        return f"{complaints} of the first {report.sent} recipients call the mail spam"
    return ""
