"""Divides the recipients of alerts into chunks.

The table of alerts and chunks is the record of what is due. A queue message only says that there is
work: when it is lost, or its worker dies, `recovery.every_minute` finds the work in the table.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import MAX_GROUP_CHUNKS, Chunk, ChunkState
from chalicelib.mail import jobs
from chalicelib.mail.jobs import AlertJob, FanOut, QueueAgain, SendChunk
from chalicelib.protection import sending_rate
from chalicelib.store import keys, subscribers
from chalicelib.store.alerts import alerts, chunks, groups
from chalicelib.wiring import Services

_PAGES_PER_JOB: Final = 80
"""Pages of up to 2,475 subscribers that a fan-out job reads: some 10 of the 30 seconds that it may
run. Where few want a digest, filling one group could outlast the worker: it then holds fewer.
"""
_GROUPS_PER_JOB: Final = 40
"""Groups whose chunks one job queues again: some 80 calls."""


def fan_out(services: Services, alert_id: str) -> None:
    """Write groups of chunks from the alert's cursor on, and queue a job for each chunk.

    The last job is another fan-out, if recipients remain. Safe to run twice: one transaction writes
    a group and moves the cursor past its recipients, so a crash skips nobody and repeats nobody.
    An alert that is not open, or that waits for its pilot, gets no chunks. Raises Unavailable.
    """
    alert = alerts.get(services.petitions, alert_id)
    size = sending_rate.chunk_size(services)
    pages_left = _PAGES_PER_JOB
    while alert.cursor is not None and alert.is_open:
        room = min(MAX_GROUP_CHUNKS * size, pilot.room(alert))
        if not room:
            return
        if not pages_left:
            _queue(services, [FanOut(alert_id=alert_id)])
            return
        indexes, cursor, pages = _next_recipients(services, alert, room, max_pages=pages_left)
        pages_left -= pages
        parts = [indexes[at : at + size] for at in range(0, len(indexes), size)]
        moved = groups.add(services.petitions, alert, parts, cursor=cursor, now=services.now())
        if moved is None:
            # Another worker has moved the cursor and continues, or the alert is no longer open.
            return
        _queue(
            services,
            [
                SendChunk(alert_id=alert_id, number=number, count=len(part))
                for number, part in enumerate(parts, start=alert.chunk_count)
            ],
        )
        alert = moved


def queue_again(services: Services, job: QueueAgain) -> None:
    """Queue the due chunks of an open alert's groups, and a job for the groups after them.

    A job too many changes nothing. Raises Unavailable.
    """
    alert_id = job.alert_id
    if not alerts.get(services.petitions, alert_id).is_open:
        return
    page = groups.page_of(services.petitions, alert_id, limit=_GROUPS_PER_JOB, after=job.after)
    for group in page:
        if groups.mark_queued(services.petitions, alert_id, group, now=services.now()):
            queue_due(services, chunks.list_of_group(services.petitions, alert_id, group))
    if len(page) == _GROUPS_PER_JOB:
        _queue(services, [QueueAgain(alert_id=alert_id, after=page[-1].first)])


def queue_due(services: Services, read: Iterable[Chunk]) -> None:
    """Queue a job for each chunk that is due, ten in a call. Raises Unavailable."""
    _queue(
        services,
        [
            SendChunk(alert_id=it.alert_id, number=it.number, count=len(it.open_positions))
            for it in read
            if it.state is ChunkState.DUE
        ],
    )


def queue_chunk(services: Services, chunk: Chunk, count: int) -> None:
    """Queue a job for a chunk with `count` recipients left. Raises Unavailable."""
    _queue(services, [SendChunk(alert_id=chunk.alert_id, number=chunk.number, count=count)])


def _next_recipients(
    services: Services, alert: Alert, room: int, *, max_pages: int
) -> tuple[list[str], str | None, int]:
    """The next recipients, the cursor after them, and the pages read, across shards.

    There are fewer than `room` if the pages or the subscribers are at an end.
    """
    recipients: list[str] = []
    position = alert.cursor
    pages = 0
    while position is not None and len(recipients) < room and pages < max_pages:
        shard, _, after = position.partition("#")
        choices, next_index = subscribers.page_of_choices(
            services.subscribers,
            alert.slug,
            shard,
            after=after or None,
            limit=room - len(recipients),
        )
        pages += 1
        recipients += [index for index, choice in choices.items() if alert.updates_for(choice)]
        position = _cursor_after(shard, next_index)
    return recipients, position, pages


def _cursor_after(shard: str, next_index: str | None) -> str | None:
    """The next cursor: in this shard, at the start of the next one, or None after the last."""
    if next_index is not None:
        return f"{shard}#{next_index}"
    number = keys.SHARDS.index(shard) + 1
    return f"{keys.SHARDS[number]}#" if number < len(keys.SHARDS) else None


def _queue(services: Services, queued: Sequence[AlertJob]) -> None:
    jobs.put_all(services.sqs, services.settings.job_queue_url, queued, services.job_key)
