"""Alerts: one update to all its subscribers, each once, through crashes and lost answers.

Nothing here is remembered by a queue: the ledger says what is due, and messages only hint at it.
The clock finds what a lost message, a dead worker or a lost answer has left behind.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib import copying, jobs, mailer
from chalicelib.domain.delivery import (
    HINT_PATIENCE,
    Chunk,
    ChunkState,
    Outcome,
)
from chalicelib.domain.errors import NotFound
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.update import split_id
from chalicelib.emails import BulkEmail
from chalicelib.jobs import FanOut, Job, SendChunk
from chalicelib.mailer import InDoubt, Rejected, Throttled
from chalicelib.store import keys, ledger, petitions, subscribers, updates
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNKS_PER_JOB = 100
"""Chunks that one fan-out message writes before it hands over to the next."""
_CHUNKS_PER_TICK = 200
_THROTTLED_DELAY_SECONDS = 30


def start_alert(services: Services, update_id: str) -> bool:
    """Begin to send an update. False if that was begun before: an update is sent once.

    Raises NotFound when there is no such update, Unavailable.
    """
    updates.get(services.desk, *split_id(update_id))
    started = ledger.add_alert(services.desk, update_id, now=services.now())
    if started:
        _hint(services, FanOut(update_id=update_id))
    return started


def fan_out(services: Services, update_id: str) -> None:
    """Write chunks from where the alert's cursor stands, and hint at each. Safe to run twice.

    A page of subscribers becomes a chunk in the same transaction that moves the cursor, so a
    crash between two pages neither skips nor repeats anybody.
    """
    alert = ledger.get_alert(services.desk, update_id)
    for _ in range(_CHUNKS_PER_JOB):
        if alert.cursor is None:
            return
        indexes, cursor = _next_page(services, update_id, alert.cursor)
        moved = ledger.add_chunk(services.desk, alert, indexes, cursor=cursor, now=services.now())
        if moved is None:
            # Another worker has the cursor and goes on.
            return
        if indexes:
            _hint(services, SendChunk(update_id=update_id, number=alert.chunk_count))
        alert = moved
    _hint(services, FanOut(update_id=update_id))


def send_chunk(services: Services, update_id: str, number: int) -> None:
    """Send what is due of a chunk: claim it, look who still wants it, one call to SES, note it.

    Between claim and note a crash or a lost answer leaves the chunk claimed; it is not sent again
    before `tick` has asked the send events who got it.
    """
    chunk = ledger.claim_chunk(services.desk, update_id, number, now=services.now())
    if chunk is None:
        return
    slug, _ = split_id(update_id)
    seen = ledger.seen(services.desk, update_id, number) if chunk.attempt > 1 else frozenset()
    outcomes = {position: Outcome.SENT for position in chunk.open_positions if position in seen}
    open_positions = [p for p in chunk.open_positions if p not in seen]
    active = subscribers.active_among(
        services.subscribers, slug, [chunk.recipients[position] for position in open_positions]
    )
    wanted = [p for p in open_positions if chunk.recipients[p] in active]
    outcomes |= {p: Outcome.SKIPPED for p in open_positions if p not in wanted}
    if wanted:
        recipients = {p: active[chunk.recipients[p]] for p in wanted}
        try:
            outcomes |= _send_to(services, chunk, recipients)
        except InDoubt as error:
            log.warning("chunk %s of %s in doubt: %s", number, update_id, error)
            return
    settled = {p: o for p, o in outcomes.items() if o is not Outcome.THROTTLED}
    ledger.release_chunk(services.desk, chunk, settled, now=services.now())
    if len(settled) < len(outcomes):
        _hint(
            services,
            SendChunk(update_id=update_id, number=number),
            delay_seconds=_THROTTLED_DELAY_SECONDS,
        )


def mark_seen(services: Services, update_id: str, number: int, position: int) -> None:
    """Note that SES says it has sent to this recipient of a chunk."""
    ledger.add_seen(services.desk, update_id, number, position)


def tick(services: Services) -> None:
    """What the clock does each minute: start what is due, mend what got stuck.

    Everything that fell due while nothing ran is caught up; run twice, it does nothing more.
    """
    for entry, update_id in updates.due_by(services.desk, services.now()):
        try:
            start_alert(services, update_id)
        except NotFound:
            log.error("scheduled update %s does not exist", update_id)
        updates.delete_scheduled(services.desk, entry)
    for update_id in ledger.open_alerts(services.desk):
        _mend(services, update_id)


def _mend(services: Services, update_id: str) -> None:
    """Repeat lost hints, resolve doubtful chunks, move the mark of what is settled, close."""
    now = services.now()
    alert = ledger.get_alert(services.desk, update_id)
    if alert.cursor is not None and now - alert.touched_at >= HINT_PATIENCE:
        _hint(services, FanOut(update_id=update_id))
    settled_count = alert.settled_count
    for chunk in ledger.chunks_from(
        services.desk, update_id, alert.settled_count, limit=_CHUNKS_PER_TICK
    ):
        if chunk.state is ChunkState.SETTLED and chunk.number == settled_count:
            settled_count += 1
        elif chunk.is_lost_hint(now):
            _hint(services, SendChunk(update_id=update_id, number=chunk.number))
        elif chunk.is_doubtful(now):
            log.warning("chunk %s of %s was in doubt", chunk.number, update_id)
            ledger.release_chunk(services.desk, chunk, {}, now=now)
            _hint(services, SendChunk(update_id=update_id, number=chunk.number))
    if settled_count > alert.settled_count:
        ledger.mark_settled(services.desk, alert, settled_count, now=now)
    if replace(alert, settled_count=settled_count).is_complete:
        ledger.close_alert(services.desk, update_id)


def _send_to(
    services: Services, chunk: Chunk, recipients: Mapping[int, Subscriber]
) -> Mapping[int, Outcome]:
    """One call to SES for the recipients at these positions; their outcomes. Raises InDoubt."""
    slug, name = split_id(chunk.update_id)
    petition = petitions.get(services.desk, slug)
    update = updates.get(services.desk, slug, name)
    copies = copying.copies_for(services, petition, update, chunk, recipients)
    outcomes = dict.fromkeys(recipients.keys() - copies.keys(), Outcome.REJECTED)
    if not copies:
        return outcomes
    tags = {"petition": slug, "update": name, "chunk": str(chunk.number)}
    bulk = BulkEmail(recipients=list(copies.values()), tags=tags)
    try:
        results = mailer.send_bulk(services.ses, services.sender, bulk)
    except Throttled as error:
        log.warning("chunk %s of %s put off: %s", chunk.number, chunk.update_id, error)
        return outcomes | dict.fromkeys(copies, Outcome.THROTTLED)
    except Rejected as error:
        log.error("chunk %s of %s rejected by SES: %s", chunk.number, chunk.update_id, error)
        return outcomes | dict.fromkeys(copies, Outcome.REJECTED)
    return outcomes | dict(zip(copies, results, strict=True))


def _next_page(services: Services, update_id: str, cursor: str) -> tuple[Sequence[str], str | None]:
    """The next subscribers from `cursor` on, and the cursor after them; none, at the end."""
    slug, _ = split_id(update_id)
    position: str | None = cursor
    while position is not None:
        shard, _, after = position.partition("#")
        indexes, next_index = subscribers.page_of_indexes(
            services.subscribers,
            slug,
            shard,
            after=after or None,
            limit=services.settings.chunk_size,
        )
        position = _cursor_after(shard, next_index)
        if indexes:
            return indexes, position
    return [], None


def _cursor_after(shard: str, next_index: str | None) -> str | None:
    """Where fan-out goes on: in this shard, at the start of the next, or nowhere."""
    if next_index is not None:
        return f"{shard}#{next_index}"
    following = keys.SHARDS.index(shard) + 1
    return f"{keys.SHARDS[following]}#" if following < len(keys.SHARDS) else None


def _hint(services: Services, job: Job, *, delay_seconds: int = 0) -> None:
    jobs.put(services.sqs, services.settings.job_queue_url, job, delay_seconds=delay_seconds)
