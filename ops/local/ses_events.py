"""The events that SES reports about a mail, on the feedback queue as EventBridge puts them there.

Mail to SES's mailbox simulator bounces, is complained about or delivered as AWS documents it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ops.local import moto_internals
from ops.local.event_rules import EventRules

Event = Mapping[str, Any]
"""What is particular to an event (SES developer guide, "Contents of event data")."""

RENDERING_FAILURE: Final[Event] = {"eventType": "Rendering Failure", "failure": {}}
_SENT: Final[Event] = {"eventType": "Send", "send": {}}
_DELIVERED: Final[Event] = {"eventType": "Delivery", "delivery": {}}
_COMPLAINT: Final[Event] = {
    "eventType": "Complaint",
    "complaint": {"complaintFeedbackType": "abuse"},
}
_SIMULATOR: Final = "simulator.amazonses.com"


def _bounce(kind: str, subtype: str) -> Event:
    return {"eventType": "Bounce", "bounce": {"bounceType": kind, "bounceSubType": subtype}}


_SIMULATED: Final[Mapping[str, Sequence[Event]]] = {
    "success": [_SENT, _DELIVERED],
    "bounce": [_SENT, _bounce("Permanent", "General")],
    "complaint": [_SENT, _DELIVERED, _COMPLAINT],
    "ooto": [_SENT, _DELIVERED, _bounce("Transient", "General")],
    "suppressionlist": [_SENT, _bounce("Permanent", "Suppressed")],
}
"""What becomes of mail to a mailbox of the simulator (SES developer guide, "Using the mailbox
simulator"). A label may follow its name: success+7.
"""


@dataclass(frozen=True, kw_only=True)
class TakenMail:
    """A mail that SES has taken; without a configuration set nothing is reported of it."""

    message_id: str
    sender: str
    to: Sequence[str]
    tags: Mapping[str, str]
    configuration_set: str


def is_simulated(mail: TakenMail) -> bool:
    """Whether a mail goes to the mailbox simulator, where nobody reads it."""
    return any(address.endswith(f"@{_SIMULATOR}") for address in mail.to)


class SesEvents:
    """Reports events by the rules of the template. `queue` is the name of the feedback queue."""

    def __init__(self, now: Callable[[], datetime], queue: str) -> None:
        self._now = now
        self._queue = queue
        self._rules = EventRules()

    def report_all(self, mail: TakenMail) -> None:
        """Report at once everything that becomes of a mail."""
        mailbox = mail.to[0].partition("@")[0].partition("+")[0] if is_simulated(mail) else ""
        for event in _SIMULATED.get(mailbox, _SIMULATED["success"]):
            self.report(event, mail)

    def report(self, event: Event, mail: TakenMail) -> None:
        """Report one event about a mail."""
        now = self._now().isoformat(timespec="milliseconds")
        tags = {**mail.tags, "ses:configuration-set": mail.configuration_set}
        detail = {
            "timestamp": now,
            "messageId": mail.message_id,
            "source": mail.sender,
            "destination": mail.to,
            "tags": {name: [value] for name, value in tags.items()},
        }
        whole = {"source": "aws.ses", "time": now, "detail": {**event, "mail": detail}}
        for message in self._rules.messages(whole):
            moto_internals.put_message(self._queue, message)
