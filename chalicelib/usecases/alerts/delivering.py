"""Hands the copies of a chunk to SES, at the pace, and tells what has become of each."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts.chunk import LEASE, Chunk, Outcome
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.mail import petition_mails, ses
from chalicelib.mail.alert_messages import BulkEmail, BulkRecipient
from chalicelib.mail.ses_faults import (
    AccountFault,
    InDoubt,
    RecipientFault,
    Result,
    Status,
    Throttled,
)
from chalicelib.protection import sending_rate
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_LAST_CALL: Final = LEASE / 3
"""How long after the claim a call may begin: its answer takes 20 seconds at most."""


@dataclass(kw_only=True)
class DeliveryReport:
    """Outcomes by position, and reasons of rejections. Who has none was not mailed.

    But if it is `in_doubt`, a part of those was mailed perhaps.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    in_doubt: bool = False


def deliver(
    services: Services,
    content: AlertContent,
    chunk: Chunk,
    copies: Mapping[int, BulkRecipient],
    *,
    starts_at: datetime,
) -> DeliveryReport:
    """Send the copies in the calls of the slot that starts at `starts_at`.

    It ends early when SES throttles, refuses the account or does not answer.
    """
    report = DeliveryReport()
    waiting = list(copies)
    for moment, size in sending_rate.calls(services, starts_at, len(waiting)) if waiting else ():
        sending_rate.wait_until(services, moment)
        if services.now() > chunk.changed_at + _LAST_CALL:
            log.warning("chunk %s of %s: out of time", chunk.number, chunk.alert_id)
            break
        part, waiting = waiting[:size], waiting[size:]
        if not _send(services, content, chunk, {p: copies[p] for p in part}, report):
            break
    return report


def _send(
    services: Services,
    content: AlertContent,
    chunk: Chunk,
    copies: Mapping[int, BulkRecipient],
    report: DeliveryReport,
) -> bool:
    """Make one call to SES. If it is refused for some recipient, one call for each.

    Returns whether the next call may be made.
    """
    sender_name = petition_mails.sender_name(content.organiser, discreet=content.discreet)
    # SES's events carry these tags.
    tags = {"alert": chunk.alert_id, "chunk": str(chunk.number)}
    bulk = BulkEmail(recipients=list(copies.values()), sender_name=sender_name, tags=tags)
    try:
        with sending_rate.learning(services):
            results = ses.send_bulk(services.ses, services.sender, bulk)
    except RecipientFault as fault:
        if len(copies) > 1:
            return all(
                _send(services, content, chunk, {position: copy}, report)
                for position, copy in copies.items()
            )
        log.error("a recipient of chunk %s of %s: %s", chunk.number, chunk.alert_id, fault)
        [position] = copies
        report.outcomes[position] = Outcome.REJECTED
        report.reasons[position] = str(fault)
        return True
    except (Throttled, AccountFault) as fault:
        log.warning("chunk %s of %s put off: %s", chunk.number, chunk.alert_id, fault)
        return False
    except InDoubt as fault:
        log.warning("chunk %s of %s in doubt: %s", chunk.number, chunk.alert_id, fault)
        report.in_doubt = True
        return False
    return _note(services, list(copies), results, report)


def _note(
    services: Services,
    positions: Sequence[int],
    results: Sequence[Result],
    report: DeliveryReport,
) -> bool:
    """Store the results of a call in the report; whether the next call may be made."""
    for position, result in zip(positions, results, strict=True):
        if result.status is Status.SENT:
            report.outcomes[position] = Outcome.SENT
        elif result.status is Status.RECIPIENT_FAULT:
            report.outcomes[position] = Outcome.REJECTED
            report.reasons[position] = result.reason
    fault = next((result.account_fault for result in results if result.account_fault), None)
    if fault:
        sending_rate.stopped(services, fault)
    elif any(result.status is Status.THROTTLED for result in results):
        sending_rate.throttled(services)
    else:
        return True
    return False
