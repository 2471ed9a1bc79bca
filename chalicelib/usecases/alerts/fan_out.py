"""Starts alerts and divides their recipients into chunks.

The table of alerts and chunks is the record of what is due. A queue message only says that there is
work: when it is lost, or its worker dies, `scheduling.every_minute` finds the work in the table.
"""

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import MAX_CHUNK_RECIPIENTS
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import split_id
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk
from chalicelib.protection import sending_rate
from chalicelib.store import keys, subscribers
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.petitions import updates
from chalicelib.wiring import Services

_CHUNKS_PER_JOB = 100
"""Chunks that one fan-out job writes. The next job writes the following ones."""
_PAGES_PER_CHUNK = 20
"""Pages that fan-out reads for one chunk at most. If few subscribers want a digest, filling a chunk
could outlast the worker. There are 16 shards, so one attempt covers an empty list.
"""
_PAGES_PER_JOB = 400
"""Pages that one fan-out job reads: about 5 of the 30 seconds that it may run."""


def start_alert(services: Services, update_id: str) -> str | None:
    """Start the alert of an update; its id. None if one was started before: an update is sent once.

    Subscribers to each update get it now, weekly subscribers get it in their next digest. Who has
    changed that gets it by the way that was chosen when the alert started.
    Raises NotFound (no such update), Unavailable.
    """
    slug, name = split_id(update_id)
    if not updates.exists(services.petitions, slug, name):
        raise NotFound
    alert_id = alerts.add(services.petitions, slug, name, now=services.now())
    if alert_id:
        _queue(services, FanOut(alert_id=alert_id))
    return alert_id


def fan_out(services: Services, alert_id: str) -> None:
    """Write chunks from the alert's cursor on, and queue a job for each. Safe to run twice.

    The last job is another fan-out, if recipients remain.

    One transaction writes a chunk and moves the cursor past its recipients. A crash between two
    chunks skips nobody and repeats nobody. An alert that is not open gets no chunks.
    """
    alert = alerts.get(services.petitions, alert_id)
    pages_left = _PAGES_PER_JOB
    for _ in range(_CHUNKS_PER_JOB):
        if alert.cursor is None or not alert.is_open:
            return
        if not pages_left:
            break
        indexes, cursor, pages = _next_recipients(
            services, alert, max_pages=min(pages_left, _PAGES_PER_CHUNK)
        )
        pages_left -= pages
        moved = chunks.add_chunk(
            services.petitions, alert, indexes, cursor=cursor, now=services.now()
        )
        if moved is None:
            # Another worker has moved the cursor and continues, or the alert is no longer open.
            return
        if indexes:
            _queue(services, SendChunk(alert_id=alert_id, number=alert.chunk_count))
        alert = moved
    _queue(services, FanOut(alert_id=alert_id))


def _next_recipients(
    services: Services, alert: Alert, *, max_pages: int
) -> tuple[list[str], str | None, int]:
    """Recipients of the next chunk, all of one shard; the cursor after them; the pages read.

    A chunk is smaller or empty where a shard ends or few subscribers want such mails. The cursor
    moves nevertheless.
    """
    chunk_size = min(MAX_CHUNK_RECIPIENTS, sending_rate.chunk_size(services))
    recipients: list[str] = []
    position = alert.cursor
    pages = 0
    while position is not None and len(recipients) < chunk_size and pages < max_pages:
        shard, _, after = position.partition("#")
        choices, next_index = subscribers.page_of_choices(
            services.subscribers,
            alert.slug,
            shard,
            after=after or None,
            limit=chunk_size - len(recipients),
        )
        pages += 1
        recipients += [index for index, choice in choices.items() if alert.updates_for(choice)]
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
