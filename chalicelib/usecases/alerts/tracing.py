"""Finds what became of one person's mail in an alert."""

from dataclasses import dataclass

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.people import blind_indexes
from chalicelib.store.alerts import chunks
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The outcome for one recipient, None while there is none, and the reason of a rejection."""

    outcome: Outcome | None
    reason: str


def trace(services: Services, alert: Alert, address: EmailAddress) -> Trace | None:
    """What became of the mail to an address; None if it is not among the stored recipients.

    Reads every chunk of the alert that has not expired. Who was mailed again is in two chunks: the
    later one counts. Raises Unavailable.
    """
    indexes = blind_indexes.find_indexes(services, alert.slug, address)
    found = None
    for chunk in chunks.list_of(services.petitions, alert.alert_id, now=services.now()):
        for position, index in enumerate(chunk.recipients):
            if index == indexes.subscriber and position not in chunk.moved:
                outcome = chunk.outcomes_of(cancelled=alert.is_cancelled).get(position)
                found = Trace(outcome=outcome, reason=chunk.reasons.get(position, ""))
    return found
