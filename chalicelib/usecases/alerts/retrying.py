"""Mails those again whom an alert has missed: who was rejected, and who is in doubt.

They move into new chunks. What SES reports of the old ones, however late, then counts nowhere.
"""

from dataclasses import replace
from typing import Final

from chalicelib.domain.alerts import doubt
from chalicelib.domain.alerts.chunk import MAX_GROUP_CHUNKS, ClaimedChunk, Group
from chalicelib.domain.alerts.move import Move, parts_of
from chalicelib.domain.errors import Unavailable
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import MailAgain, QueueAgain
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import alerts, chunk_events, chunks, groups, moves
from chalicelib.wiring import Services

_MAX_ATTEMPTS: Final = 5
_SMALLEST_CHUNK: Final = 4
"""Then the 99 recipients of a chunk fit into one group of new ones."""
_CHUNKS_PER_PAGE: Final = 100
"""One megabyte, which is read and moved in a few seconds."""


def again_missed(services: Services, alert_id: str) -> int:
    """Mail again who was rejected or is in doubt; how many they are. A cancelled alert has none.

    Safe to repeat: who has moved is not missed. Who is in doubt may get the mail twice.
    Raises NotFound, Unavailable.
    """
    alert, moved, first = alerts.get(services.petitions, alert_id), 0, 0
    while first < alert.chunk_count and not alert.is_cancelled:
        moved += _move_page(services, alert_id, first, end=alert.chunk_count)
        first += _CHUNKS_PER_PAGE
    return moved


def ask_again_missed(services: Services, alert_id: str) -> None:
    """Queue the same, for a page that cannot wait so long. Raises NotFound, Unavailable."""
    alert = alerts.get(services.petitions, alert_id)
    _queue(services, MailAgain(alert_id=alert_id, first=0, end=alert.chunk_count))


def mail_again(services: Services, job: MailAgain) -> None:
    """Mail again whom a page of chunks has missed, and queue the next page.

    New chunks come after the end of the job: who is missed a second time is not mailed a third.
    Raises NotFound, Unavailable.
    """
    if job.first >= job.end:
        return
    _move_page(services, job.alert_id, job.first, end=job.end)
    _queue(services, replace(job, first=job.first + _CHUNKS_PER_PAGE))


def _queue(services: Services, job: MailAgain | QueueAgain) -> None:
    job_queue.put(services.sqs, services.settings.job_queue_url, job, services.job_key)


def _move_page(services: Services, alert_id: str, first: int, *, end: int) -> int:
    """Move who is missed in the chunks from `first` on, and queue their mails; how many."""
    moved = 0
    for _ in range(_MAX_ATTEMPTS):
        count, whole = _move_all(services, alert_id, first, end)
        moved += count
        if whole:
            break
    else:
        raise Unavailable
    if moved:
        _queue(services, QueueAgain(alert_id=alert_id, after=None))
    return moved


def _move_all(services: Services, alert_id: str, first: int, end: int) -> tuple[int, bool]:
    """Move who is missed; how many, and whether all: not if another worker changed the alert."""
    alert = alerts.get(services.petitions, alert_id)
    if alert.is_cancelled:
        return 0, True
    size = max(_SMALLEST_CHUNK, sending_rate.chunk_size(services))
    open_groups: dict[int, Group] = {}
    for group in groups.list_all(services.petitions, alert_id):
        open_groups |= dict.fromkeys(group.numbers, group)
    batches: list[list[Move]] = [[]]
    last = min(first + _CHUNKS_PER_PAGE, end) - 1
    for chunk in chunks.list_between(services.petitions, alert_id, first, last, now=services.now()):
        move = _move(services, chunk, open_groups.get(chunk.number))
        if not move.positions:
            continue
        bigger = [*batches[-1], move]
        if max(len(bigger), len(parts_of(bigger, size))) > MAX_GROUP_CHUNKS:
            batches.append([move])
        else:
            batches[-1] = bigger
    moved = 0
    for batch in filter(None, batches):
        changed = moves.add(
            services.petitions, alert, batch, parts_of(batch, size), now=services.now()
        )
        if changed is None:
            return moved, False
        alert = changed
        moved += sum(len(move.positions) for move in batch)
    return moved, True


def _move(services: Services, chunk: ClaimedChunk, group: Group | None) -> Move:
    """The recipients of a chunk who are to be mailed again, in doubt only by what is known now."""
    if not chunk.is_in_doubt(services.now()):
        return Move(chunk=chunk, group=group, positions=chunk.missed_positions)
    events = chunk_events.find_many(
        services.petitions, chunk.alert_id, [chunk.number], now=services.now()
    ).get(chunk.number)
    found = doubt.finding(chunk, events.positions if events else {})
    unseen = [position for position in chunk.open_positions if position not in found.outcomes]
    return Move(
        chunk=chunk,
        group=group,
        positions=(*chunk.missed_positions, *unseen),
        outcomes=found.outcomes,
        reasons=found.reasons,
    )
