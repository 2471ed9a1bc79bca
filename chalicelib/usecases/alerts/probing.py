"""Finds out by probes up to which moment all events of SES have come."""

import logging
from dataclasses import replace

from chalicelib.domain.alerts import alert as alerts
from chalicelib.domain.alerts.doubt import PROBE_MAILS, Probe
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.alerts.pacing import Lane, NotNow
from chalicelib.mail import ses
from chalicelib.mail.jobs import SendProbe
from chalicelib.mail.ses_faults import AccountFault, InDoubt, RecipientFault, Throttled
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import chunk_events, probes
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNK: int = 0
"""The number under which the events of a probe are recorded, as those of a chunk."""


def find(services: Services) -> Probe | None:
    """The newest probe, and when all its events had come."""
    probe, now = probes.find(services.petitions), services.now()
    if probe is None:
        return None
    events = chunk_events.find_many(services.petitions, probe.alert_id, [_CHUNK], now=now).get(
        _CHUNK
    )
    if events is None or len(events.of(EventKind.SEND)) < PROBE_MAILS:
        return probe
    return replace(probe, seen_at=events.changed_at)


def send(services: Services, job: SendProbe) -> None:
    """Send a probe in place of the one before, unless another worker has.

    If SES does not take it, the next one follows when its lifetime is over.
    """
    # Imported here: recovery asks for probes each minute and needs no templates.
    from chalicelib.mail import alert_messages  # noqa: PLC0415

    try:
        slot = sending_rate.reserve(services, Lane.ORGANISER, PROBE_MAILS)
    except NotNow as wait:
        log.info("no probe now: %s", wait)
        return
    sending_rate.wait_until(services, slot)
    probe = Probe(probe_id=alerts.new_id(), sent_at=services.now())
    if not probes.add(services.petitions, probe, after=job.after):
        return
    tags = {"alert": probe.alert_id, "chunk": str(_CHUNK)}
    bulk = alert_messages.probe(PROBE_MAILS, tags=tags)
    try:
        with sending_rate.learning(services):
            ses.send_bulk(services.ses, services.sender, bulk)
    except (AccountFault, InDoubt, RecipientFault, Throttled) as fault:
        log.warning("probe %s: %s", probe.probe_id, fault)
