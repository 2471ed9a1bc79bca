"""Starts alerts and divides their recipients into chunks.

The table of alerts and chunks is the record of what is due. A queue message only says that there is
work: when it is lost, or its worker dies, `every_minute` finds the work in the table.
"""

import logging
from dataclasses import replace

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import MESSAGE_TIMEOUT, ChunkState
from chalicelib.domain.errors import NotFound
from chalicelib.domain.update import split_id
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk
from chalicelib.store import keys, subscribers, updates
from chalicelib.store.alerts import alerts, chunks
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNKS_PER_JOB = 100
"""Chunks that one fan-out job writes. The next job writes the following ones."""
_PAGES_PER_CHUNK = 20
"""Pages that fan-out reads for one chunk at most. If few subscribers want a digest, filling a chunk
could outlast the worker. There are 16 shards, so one attempt covers an empty list.
"""
_PAGES_PER_JOB = 400
"""Pages that one fan-out job reads: about 5 of the 30 seconds that it may run."""
_CHUNKS_PER_MINUTE = 200


def start_alert(services: Services, update_id: str) -> bool:
    """Start the alert of an update. False if it was started before: an update is sent once.

    Subscribers to each update get it now, weekly subscribers get it in their next digest.
    Raises NotFound (no such update), Unavailable.
    """
    if not updates.exists(services.petitions, *split_id(update_id)):
        raise NotFound
    started = alerts.add(services.petitions, update_id, now=services.now())
    if started:
        _queue(services, FanOut(alert_id=update_id))
    return started


def fan_out(services: Services, alert_id: str) -> None:
    """Write chunks from the alert's cursor on, and queue a job for each. Safe to run twice.

    The last job is another fan-out, if recipients remain.

    One transaction writes a chunk and moves the cursor past its recipients. A crash between two
    chunks skips nobody and repeats nobody.
    """
    alert = alerts.get(services.petitions, alert_id)
    pages_left = _PAGES_PER_JOB
    for _ in range(_CHUNKS_PER_JOB):
        if alert.cursor is None:
            return
        if not pages_left:
            break
        indexes, cursor, pages = _next_recipients(
            services, alert_id, alert.cursor, max_pages=min(pages_left, _PAGES_PER_CHUNK)
        )
        pages_left -= pages
        moved = chunks.add_chunk(
            services.petitions, alert, indexes, cursor=cursor, now=services.now()
        )
        if moved is None:
            # Another worker has moved the cursor and continues.
            return
        if indexes:
            _queue(services, SendChunk(alert_id=alert_id, number=alert.chunk_count))
        alert = moved
    _queue(services, FanOut(alert_id=alert_id))


def every_minute(services: Services) -> None:
    """Start alerts and digests that are due, and recover those that are stuck.

    After downtime one run catches up. It is safe to run twice: a job that is queued twice sends
    nothing twice.
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
    """Start one digest a petition with all updates that wait for a Monday.

    After weeks of downtime subscribers get one digest, not one for each week.
    """
    now = services.now()
    for pending in alerts.list_pending_digests(services.petitions):
        # An update that is added after this Monday's digest waits for the next one.
        if not pending.is_due(now) or alerts.find(services.petitions, pending.digest_id(now)):
            continue
        if alerts.add_digest(services.petitions, pending, now=now):
            _queue(services, FanOut(alert_id=pending.digest_id(now)))


def _recover(services: Services, alert_id: str) -> None:
    """Queue lost jobs again, release doubtful chunks, count settled chunks, close the alert."""
    now = services.now()
    alert = alerts.get(services.petitions, alert_id)
    if alert.cursor is not None and now - alert.changed_at >= MESSAGE_TIMEOUT:
        _queue(services, FanOut(alert_id=alert_id))
    settled_count = _recover_chunks(services, alert)
    if settled_count > alert.settled_count:
        alerts.mark_settled(services.petitions, alert, settled_count, now=now)
    if replace(alert, settled_count=settled_count).is_complete:
        alerts.close(services.petitions, alert_id)


def _recover_chunks(services: Services, alert: Alert) -> int:
    """Queue again the jobs of stuck chunks; the number below which all chunks are settled."""
    now = services.now()
    settled_count = alert.settled_count
    for chunk in chunks.chunks_from(
        services.petitions, alert.alert_id, alert.settled_count, limit=_CHUNKS_PER_MINUTE
    ):
        if chunk.state is ChunkState.SETTLED and chunk.number == settled_count:
            settled_count += 1
        elif chunk.has_lost_message(now):
            _queue(services, SendChunk(alert_id=alert.alert_id, number=chunk.number))
        elif chunk.is_doubtful(now):
            log.warning("chunk %s of %s was in doubt", chunk.number, alert.alert_id)
            chunks.release_chunk(services.petitions, chunk, {}, now=now)
            _queue(services, SendChunk(alert_id=alert.alert_id, number=chunk.number))
    return settled_count


def _next_recipients(
    services: Services, alert_id: str, cursor: str, *, max_pages: int
) -> tuple[list[str], str | None, int]:
    """Recipients of the next chunk, all of one shard; the cursor after them; the pages read.

    A chunk is smaller or empty where a shard ends or few subscribers want such mails. The cursor
    moves nevertheless.
    """
    slug, _ = split_id(alert_id)
    chunk_size = services.settings.chunk_size
    recipients: list[str] = []
    position: str | None = cursor
    pages = 0
    while position is not None and len(recipients) < chunk_size and pages < max_pages:
        shard, _, after = position.partition("#")
        indexes, next_index = subscribers.page_of_indexes(
            services.subscribers,
            slug,
            shard,
            frequency=digest.audience(alert_id),
            after=after or None,
            limit=chunk_size - len(recipients),
        )
        pages += 1
        recipients += indexes
        position = _cursor_after(shard, next_index)
        if recipients and next_index is None:
            break
    return recipients, position, pages


def _cursor_after(shard: str, next_index: str | None) -> str | None:
    """The next cursor: in this shard, at the start of the next one, or None after the last."""
    if next_index is not None:
        return f"{shard}#{next_index}"
    number = keys.SHARDS.index(shard) + 1
    return f"{keys.SHARDS[number]}#" if number < len(keys.SHARDS) else None


def _queue(services: Services, job: Job) -> None:
    jobs.put(services.sqs, services.settings.job_queue_url, job, services.job_key)
