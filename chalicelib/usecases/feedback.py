"""Records what SES reports: the events of chunks, and who is not mailed any more.

Every write can be repeated, and events may come doubled, late and in any order. So an event whose
writes did not all succeed is simply delivered again.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Final

from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import Stage
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.mail.ses_events import MailEvent, MailOrigin
from chalicelib.store import suppressions
from chalicelib.store.alerts import chunk_events
from chalicelib.store.petitions import funnels
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_REASONS: Final = {
    EventKind.HARD_BOUNCE: SuppressionReason.HARD_BOUNCE,
    EventKind.COMPLAINT: SuppressionReason.COMPLAINT,
}

_Chunk = tuple[str, int]
"""The id of an alert, and the number of its chunk."""


def record(services: Services, events: Mapping[str, MailEvent]) -> set[str]:
    """Store a batch of events, by the ids of their messages; the ids of those to come again.

    One write for each person to suppress, and one for each chunk. After a fault no other is tried:
    four attempts at each would outlast the function.
    """
    works = [({id_}, partial(_suppress, services, event)) for id_, event in events.items()]
    for chunk, of_chunk in _by_chunk(events).items():
        works.append((set(of_chunk), partial(_add, services, chunk, list(of_chunk.values()))))
    failed: set[str] = set()
    for ids, work in works:
        if not failed:
            try:
                work()
                continue
            except Unavailable:
                log.warning("a table takes no events now: they come again")
        failed |= ids
    if not failed:
        _count(services, events.values())
    return failed


def _count(services: Services, events: Iterable[MailEvent]) -> None:
    """Count the mails that came back or were called spam. A write that fails is not repeated.

    Nor is one made for a batch that comes again: few events fail, and a figure may miss some.
    """
    now, counted = services.now(), defaultdict[str, Counter[str]](Counter)
    for event in events:
        if event.origin and (name := _figure(event.kind, event.origin)):
            counted[event.origin.slug][name] += 1
    for slug, figures in counted.items():
        try:
            funnels.add(services.petitions, slug, now.astimezone(UTC).date(), figures, now=now)
        except Unavailable:
            log.warning("%d events of %s are missing in the funnel", figures.total(), slug)


def _figure(kind: EventKind, origin: MailOrigin) -> str:
    """The figure that an event adds one to, or "": bounces of mails that answer sign forms only."""
    if kind is EventKind.COMPLAINT:
        return funnel.COMPLAINED + origin.provider
    if origin.answers_form and kind in (EventKind.HARD_BOUNCE, EventKind.SOFT_BOUNCE):
        return funnel.name_of(Stage.BOUNCED, origin.provider)
    return ""


def _by_chunk(events: Mapping[str, MailEvent]) -> Mapping[_Chunk, Mapping[str, MailEvent]]:
    chunks = defaultdict[_Chunk, dict[str, MailEvent]](dict)
    for message_id, event in events.items():
        if place := event.recipient:
            chunks[place.alert_id, place.chunk][message_id] = event
    return chunks


def _suppress(services: Services, event: MailEvent) -> None:
    """Suppress the person for a hard bounce or a complaint, or note a soft bounce."""
    table, now = services.subscribers, services.now()
    if not event.person:
        return
    if reason := _REASONS.get(event.kind):
        suppressions.add(table, event.person, reason, now=now)
    elif soft := event.soft_bounce:
        suppressions.add_soft_bounce(
            table, event.person, soft.mail, bounced_on=soft.bounced_on, now=now
        )


def _add(services: Services, chunk: _Chunk, events: Sequence[MailEvent]) -> None:
    """Add events to those of their chunk."""
    positions = defaultdict[EventKind, set[int]](set)
    for event in events:
        if event.recipient:
            positions[event.kind].add(event.recipient.position)
    chunk_events.add(services.petitions, *chunk, positions, now=services.now())
