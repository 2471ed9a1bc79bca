"""Looks at the pilot of an alert: the alert goes on, or is paused with a reason."""

import logging
from collections.abc import Sequence
from typing import Final

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk, ChunkState, Outcome
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.alerts.pilot import PilotReport
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut
from chalicelib.store.alerts import alerts, chunk_events, chunks
from chalicelib.store.alerts.chunk_events import ChunkEvents
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_EVENTS_PER_CALL: Final = 100
_KNOWN: Final = frozenset(EventKind) - {EventKind.SEND, EventKind.DELAY}
"""Events after which the outcome of a mail is known."""


def check(services: Services, alert: Alert) -> None:
    """Go on with the alert or pause it, if enough is known of its first recipients."""
    now = services.now()
    read = chunks.list_first(services.petitions, alert.alert_id, alert.chunk_count)
    events: dict[int, ChunkEvents] = {}
    for start in range(0, len(read), _EVENTS_PER_CALL):
        numbers = [chunk.number for chunk in read[start : start + _EVENTS_PER_CALL]]
        events |= chunk_events.find_many(services.petitions, alert.alert_id, numbers, now=now)
    report = _report(services, read, events)
    if not pilot.is_over(report, now):
        return
    reason = pilot.objection(report)
    if not alerts.mark_pilot_checked(
        services.petitions, alert.alert_id, pause_reason=reason, now=now
    ):
        return
    log.info("alert %s after its pilot: %s", alert.alert_id, reason or "goes on")
    if not reason:
        job = FanOut(alert_id=alert.alert_id)
        jobs.put(services.sqs, services.settings.job_queue_url, job, services.job_key)


def _report(
    services: Services, read: Sequence[Chunk], events: dict[int, ChunkEvents]
) -> PilotReport:
    now = services.now()
    sent = sum(chunk.counts()[Outcome.SENT] for chunk in read)
    under_way = [chunk for chunk in read if not chunk.is_settled]
    waiting = any(c.state is ChunkState.DUE or not c.is_in_doubt(now) for c in under_way)
    known = [frozenset().union(*(it.of(kind) for kind in _KNOWN)) for it in events.values()]
    return PilotReport(
        sent=sent,
        known=sum(map(len, known)),
        bounced=sum(len(it.of(EventKind.HARD_BOUNCE)) for it in events.values()),
        complained=sum(len(it.of(EventKind.COMPLAINT)) for it in events.values()),
        settled_at=None if waiting else max((chunk.changed_at for chunk in read), default=now),
    )
