"""Alerts: one update to who wants each, a week's to who wants one mail, through crashes.

Nothing here is remembered by a queue: the ledger says what is due, and messages only hint at it.
The clock finds what a lost message, a dead worker or a lost answer has left behind.
"""

import logging
from dataclasses import replace

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import HINT_TIMEOUT, ChunkState
from chalicelib.domain.errors import NotFound
from chalicelib.domain.update import split_id
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk
from chalicelib.store import keys, subscribers, updates
from chalicelib.store.alerts import alerts, chunks
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNKS_PER_JOB = 100
"""Chunks that one fan-out message writes before it hands over to the next."""
_PAGES_PER_CHUNK = 20
"""Pages that fan-out reads for one chunk: where one in a hundred wants a digest, a chunk that had
to be full would outlast the worker. More than the shards there are, so an empty list is one step.
"""
_PAGES_PER_JOB = 400
"""Pages that one fan-out message reads before it hands over, whatever it finds: some 5 seconds of
a worker's 30.
"""
_CHUNKS_PER_TICK = 200


def start_alert(services: Services, update_id: str) -> bool:
    """Begin to send an update. False if that was begun before: an update is sent once.

    Who wants each gets it now, who wants one mail a week gets it with the next digest. Raises
    NotFound when there is no such update, Unavailable.
    """
    updates.get(services.petitions, *split_id(update_id))
    started = alerts.add(services.petitions, update_id, now=services.now())
    if started:
        _queue(services, FanOut(alert_id=update_id))
    return started


def fan_out(services: Services, alert_id: str) -> None:
    """Write chunks from where the alert's cursor stands, and hint at each. Safe to run twice.

    A chunk is written in the same transaction that moves the cursor past its recipients, so a
    crash between two chunks neither skips nor repeats anybody.
    """
    alert = alerts.get(services.petitions, alert_id)
    pages_left = _PAGES_PER_JOB
    for _ in range(_CHUNKS_PER_JOB):
        if alert.cursor is None:
            return
        if not pages_left:
            break
        indexes, cursor, pages = _next_recipients(
            services, alert_id, alert.cursor, most_pages=min(pages_left, _PAGES_PER_CHUNK)
        )
        pages_left -= pages
        moved = chunks.add_chunk(
            services.petitions, alert, indexes, cursor=cursor, now=services.now()
        )
        if moved is None:
            # Another worker has the cursor and goes on.
            return
        if indexes:
            _queue(services, SendChunk(alert_id=alert_id, number=alert.chunk_count))
        alert = moved
    _queue(services, FanOut(alert_id=alert_id))


def every_minute(services: Services) -> None:
    """What the clock does each minute: start what is due, mend what got stuck.

    Everything that fell due while nothing ran is caught up; run twice, it does nothing more.
    """
    for entry, update_id in updates.due_by(services.petitions, services.now()):
        try:
            start_alert(services, update_id)
        except NotFound:
            log.error("scheduled update %s does not exist", update_id)
        updates.delete_scheduled(services.petitions, entry)
    _start_digests(services)
    for alert_id in alerts.list_open(services.petitions):
        _recover(services, alert_id)


def _start_digests(services: Services) -> None:
    """Make one digest a petition of all that has waited for a Monday, were it weeks ago.

    Readers who asked for fewer mails get one after downtime, not one for each week that was missed.
    """
    now = services.now()
    for waiting in alerts.list_pending_digests(services.petitions):
        # This Monday's may be made while an alert that began before it was still being noted: that
        # one waits for another week, and need not be tried each minute.
        if not waiting.is_due(now) or alerts.find(services.petitions, waiting.digest_id(now)):
            continue
        if alerts.add_digest(services.petitions, waiting, now=now):
            _queue(services, FanOut(alert_id=waiting.digest_id(now)))


def _recover(services: Services, alert_id: str) -> None:
    """Repeat lost hints, resolve doubtful chunks, move the mark of what is settled, close."""
    now = services.now()
    alert = alerts.get(services.petitions, alert_id)
    if alert.cursor is not None and now - alert.changed_at >= HINT_TIMEOUT:
        _queue(services, FanOut(alert_id=alert_id))
    settled_count = _recover_chunks(services, alert)
    if settled_count > alert.settled_count:
        alerts.mark_settled(services.petitions, alert, settled_count, now=now)
    if replace(alert, settled_count=settled_count).is_complete:
        alerts.close(services.petitions, alert_id)


def _recover_chunks(services: Services, alert: Alert) -> int:
    """Hint again at chunks that lie about; below which number all are settled."""
    now = services.now()
    settled_count = alert.settled_count
    for chunk in chunks.chunks_from(
        services.petitions, alert.alert_id, alert.settled_count, limit=_CHUNKS_PER_TICK
    ):
        if chunk.state is ChunkState.SETTLED and chunk.number == settled_count:
            settled_count += 1
        elif chunk.is_lost_hint(now):
            _queue(services, SendChunk(alert_id=alert.alert_id, number=chunk.number))
        elif chunk.is_doubtful(now):
            log.warning("chunk %s of %s was in doubt", chunk.number, alert.alert_id)
            chunks.release_chunk(services.petitions, chunk, {}, now=now)
            _queue(services, SendChunk(alert_id=alert.alert_id, number=chunk.number))
    return settled_count


def _next_recipients(
    services: Services, alert_id: str, cursor: str, *, most_pages: int
) -> tuple[list[str], str | None, int]:
    """Up to a chunk of those whom an alert is for, of one shard; the cursor after them; pages read.

    They are fewer, or none, where a shard ends or few want such mails; the cursor moves anyway.
    """
    slug, _ = split_id(alert_id)
    most = services.settings.chunk_size
    found: list[str] = []
    position: str | None = cursor
    pages = 0
    while position is not None and len(found) < most and pages < most_pages:
        shard, _, after = position.partition("#")
        indexes, next_index = subscribers.page_of_indexes(
            services.subscribers,
            slug,
            shard,
            frequency=digest.audience(alert_id),
            after=after or None,
            limit=most - len(found),
        )
        pages += 1
        found += indexes
        position = _cursor_after(shard, next_index)
        if found and next_index is None:
            break
    return found, position, pages


def _cursor_after(shard: str, next_index: str | None) -> str | None:
    """Where fan-out goes on: in this shard, at the start of the next, or nowhere."""
    if next_index is not None:
        return f"{shard}#{next_index}"
    following = keys.SHARDS.index(shard) + 1
    return f"{keys.SHARDS[following]}#" if following < len(keys.SHARDS) else None


def _queue(services: Services, job: Job) -> None:
    jobs.put(services.sqs, services.settings.job_queue_url, job)
