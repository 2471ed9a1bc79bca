"""Sends chunks of alerts, once to each recipient who is still subscribed."""

import logging
from collections.abc import Mapping

from chalicelib import cached
from chalicelib.domain.alerts.alert import Alert, AlertKind
from chalicelib.domain.alerts.chunk import Chunk, Outcome
from chalicelib.domain.alerts.digest import Digest
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Subscriber
from chalicelib.mail import jobs, petition_mails, ses
from chalicelib.mail.alert_messages import BulkEmail
from chalicelib.mail.jobs import SendChunk
from chalicelib.mail.ses_faults import (
    AccountFault,
    InDoubt,
    RecipientFault,
    SendResult,
    SendStatus,
    Throttled,
)
from chalicelib.store import subscribers
from chalicelib.store.alerts import alerts, chunk_events, chunks
from chalicelib.usecases.alerts import personalising
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_THROTTLED_DELAY_SECONDS = 30


def send_chunk(services: Services, alert_id: str, number: int) -> None:
    """Claim a chunk, send it to its subscribed recipients in one call to SES, store the outcomes.

    A chunk of an alert that is not open stays due. After a crash or a lost answer the chunk stays
    claimed. A later job claims it again, and does not send to recipients whom SES's send events
    name. Raises NotFound (no such alert, petition or update), Unavailable.
    """
    alert = alerts.get(services.petitions, alert_id)
    if not alert.is_open:
        return
    chunk = chunks.claim_chunk(services.petitions, alert_id, number, now=services.now())
    if chunk is None:
        return
    sent = _already_sent(services, chunk)
    outcomes = {position: Outcome.SENT for position in chunk.open_positions if position in sent}
    open_positions = [p for p in chunk.open_positions if p not in sent]
    recipients = _still_subscribed(services, alert, chunk, open_positions)
    outcomes |= {p: Outcome.SKIPPED for p in open_positions if p not in recipients}
    if recipients:
        try:
            outcomes |= _send_to(services, alert, chunk, recipients)
        except InDoubt as error:
            log.warning("chunk %s of %s in doubt: %s", number, alert_id, error)
            return
    settled = {p: o for p, o in outcomes.items() if o is not Outcome.THROTTLED}
    chunks.release_chunk(services.petitions, chunk, settled, now=services.now())
    if len(settled) < len(outcomes):
        jobs.put(
            services.sqs,
            services.settings.job_queue_url,
            SendChunk(alert_id=alert_id, number=number),
            services.job_key,
            delay_seconds=_THROTTLED_DELAY_SECONDS,
        )


def _already_sent(services: Services, chunk: Chunk) -> frozenset[int]:
    """The positions to which an earlier attempt has sent, as SES's events say."""
    if chunk.attempt == 1:
        return frozenset()
    log.info("chunk %s of %s, attempt %s", chunk.number, chunk.alert_id, chunk.attempt)
    events = chunk_events.find_many(
        services.petitions, chunk.alert_id, [chunk.number], now=services.now()
    ).get(chunk.number)
    return events.seen if events else frozenset()


def _still_subscribed(
    services: Services, alert: Alert, chunk: Chunk, positions: list[int]
) -> Mapping[int, Subscriber]:
    """The recipients at these positions who are subscribed, and whom the alert reaches, now."""
    active = subscribers.active_among(
        services.subscribers, alert.slug, [chunk.recipients[position] for position in positions]
    )
    return {
        position: active[index]
        for position in positions
        if (index := chunk.recipients[position]) in active
        and alert.updates_for(active[index].choice)
    }


def _send_to(
    services: Services, alert: Alert, chunk: Chunk, recipients: Mapping[int, Subscriber]
) -> Mapping[int, Outcome]:
    """The outcomes of one call to SES for these recipients, by position. Raises InDoubt."""
    petition = cached.petition(services, alert.slug)
    news = _news(services, alert)
    copies = personalising.copies_for(services, petition, alert, news, chunk, recipients)
    outcomes = dict.fromkeys(recipients.keys() - copies.keys(), Outcome.REJECTED)
    if not copies:
        return outcomes
    # SES's events carry these tags.
    tags = {"alert": alert.alert_id, "chunk": str(chunk.number)}
    sender_name = petition_mails.sender_name(petition.organiser.name, discreet=petition.discreet)
    bulk = BulkEmail(recipients=list(copies.values()), sender_name=sender_name, tags=tags)
    try:
        results = ses.send_bulk(services.ses, services.sender, bulk)
    except (Throttled, AccountFault) as error:
        log.warning("chunk %s of %s put off: %s", chunk.number, chunk.alert_id, error)
        return outcomes | dict.fromkeys(copies, Outcome.THROTTLED)
    except RecipientFault as error:
        log.error("chunk %s of %s rejected by SES: %s", chunk.number, chunk.alert_id, error)
        return outcomes | dict.fromkeys(copies, Outcome.REJECTED)
    return outcomes | dict(zip(copies, map(_outcome, results), strict=True))


def _outcome(result: SendResult) -> Outcome:
    match result.status:
        case SendStatus.SENT:
            return Outcome.SENT
        case SendStatus.RECIPIENT_FAULT:
            return Outcome.REJECTED
        case _:
            return Outcome.THROTTLED


def _news(services: Services, alert: Alert) -> Update | Digest:
    """The update or digest that an alert carries, in all languages."""
    news = [cached.update(services, alert.slug, name) for name in alert.update_names]
    return Digest(updates=tuple(news)) if alert.kind is AlertKind.DIGEST else news[0]
