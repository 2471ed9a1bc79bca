"""Sends chunks of alerts, once to each recipient who is still subscribed."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import ClaimedChunk, Outcome
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.alerts.pacing import NotNow
from chalicelib.mail import job_queue
from chalicelib.mail.alert_messages import BulkRecipient
from chalicelib.mail.jobs import SendChunk
from chalicelib.protection import sending_rate
from chalicelib.store import subscribers
from chalicelib.store.alerts import alerts, chunks, contents, standing
from chalicelib.usecases.alerts import delivering, personalising
from chalicelib.usecases.alerts.personalising import OpenedSubscriber
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 5
_KNOWN_ALERTS: Final = 8
"""Alerts that a process remembers."""


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """The copies of a chunk's recipients by position, and the outcomes of those who get none."""

    copies: Mapping[int, BulkRecipient]
    outcomes: Mapping[int, Outcome]
    reasons: Mapping[int, str]


def send_chunk(services: Services, job: SendChunk) -> None:
    """Take a slot, claim a chunk, mail its subscribed recipients, store the outcomes.

    A chunk of an alert that is not open goes back and stays due. After a crash or a lost answer it
    stays claimed, and recovery finds out whom SES has mailed.
    Raises NotFound (no such alert), Unavailable.
    """
    alert, content = _known(services, job.alert_id)
    count = min(job.count, sending_rate.slot_size(services))
    try:
        starts_at = sending_rate.reserve(services, alert.lane, count)
    except NotNow as wait:
        _put_back(services, job, job.count, delay_seconds=wait.retry_after_seconds)
        return
    chunk = chunks.claim(services.petitions, job.alert_id, job.number, now=services.now())
    if chunk is None:
        return
    try:
        prepared = _prepare(services, alert, content, chunk, chunk.open_positions[:count])
    except Exception:
        # Nobody was mailed: the chunk is due again.
        chunks.release(services.petitions, chunk, {}, now=services.now())
        raise
    if prepared is None:
        chunks.release(services.petitions, chunk, {}, now=services.now())
        return
    report = delivering.deliver(services, content, chunk, prepared.copies, starts_at=starts_at)
    outcomes = {**prepared.outcomes, **report.outcomes}
    chunks.release(
        services.petitions,
        chunk,
        outcomes,
        reasons={**prepared.reasons, **report.reasons},
        in_doubt=report.in_doubt,
        now=services.now(),
    )
    left = len(chunk.open_positions) - len(outcomes)
    if left and not report.in_doubt:
        _put_back(services, job, left, delay_seconds=_RETRY_SECONDS)


def _known(services: Services, alert_id: str) -> tuple[Alert, AlertContent]:
    """An alert and its content, read once by each process: of the alert, what never changes."""
    known = services.started_alerts
    if alert_id not in known:
        if len(known) >= _KNOWN_ALERTS:
            known.clear()
        known[alert_id] = (
            alerts.get(services.petitions, alert_id),
            contents.get(services.petitions, alert_id),
        )
    return known[alert_id]


def _prepare(
    services: Services,
    alert: Alert,
    content: AlertContent,
    chunk: ClaimedChunk,
    positions: Sequence[int],
) -> _Prepared | None:
    """The copies for those of these recipients who get one. None if the alert is not open.

    A recipient whose address cannot be opened does not hold up the others.
    """
    active = subscribers.active_among(
        services.subscribers, alert.slug, [chunk.recipients[position] for position in positions]
    )
    outcomes: dict[int, Outcome] = {}
    reasons: dict[int, str] = {}
    opened: dict[int, OpenedSubscriber] = {}
    for position in positions:
        subscriber = active.get(chunk.recipients[position])
        if subscriber is None or not alert.updates_for(subscriber.choice):
            outcomes[position] = Outcome.SKIPPED
            continue
        recipient = personalising.opened(services, subscriber)
        if recipient is None:
            log.error("recipient %s of chunk %s cannot be opened", position, chunk.number)
            outcomes[position], reasons[position] = Outcome.REJECTED, "SEAL"
        else:
            opened[position] = recipient
    found = standing.get(
        services.petitions,
        services.subscribers,
        alert.alert_id,
        [recipient.person for recipient in opened.values()],
        now=services.now(),
    )
    if not found.is_open:
        return None
    copies = {}
    for position, recipient in opened.items():
        if recipient.person in found.suppressed:
            outcomes[position] = Outcome.SUPPRESSED
        else:
            copy = personalising.copy_for(services, alert, content, chunk, position, recipient)
            copies[position] = copy
    return _Prepared(copies=copies, outcomes=outcomes, reasons=reasons)


def _put_back(services: Services, job: SendChunk, count: int, *, delay_seconds: int) -> None:
    """Queue the rest of a chunk again, after a delay."""
    rest = SendChunk(alert_id=job.alert_id, number=job.number, count=count)
    job_queue.put(
        services.sqs,
        services.settings.job_queue_url,
        rest,
        services.job_key,
        delay_seconds=delay_seconds,
    )
