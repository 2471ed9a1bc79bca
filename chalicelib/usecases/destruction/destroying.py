"""Deletes signatures and subscriptions of a petition, slice by slice, after its index salt.

The salt goes first: from then on nobody can tell whether an address is in the tables or in any copy
of them, and no link of a signer or subscriber does anything. Processes may know the salt for a
minute longer, so deletion begins after two. The first pass stores each step before it does it, so
that what is deleted is counted once. The second one counts nothing, does each step before it stores
it, and so deletes for certain what a crash left between the two.
"""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from chalicelib.domain.organisers.jobs import PARTS, Job, JobKind, JobOvertaken, JobState
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import RunSlice
from chalicelib.people import blind_indexes
from chalicelib.store import keys
from chalicelib.store.dynamodb import partitions
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.limits import index_salts
from chalicelib.store.organisers import jobs
from chalicelib.wiring import Services

SLICE: Final = timedelta(seconds=15)
"""The time after which a slice lets other work go first: half of its function's timeout."""
PAUSE: Final = 2 * blind_indexes.SALT_KNOWN
"""From the deletion of the salt to that of the first signature."""
_PAGE: Final = 1000
_MAX_WAIT_SECONDS: Final = 10.0
TABLES_DONE: Final = "tables are empty"
"""The cursor of a job whose files and certificate are still to do: the exporter does that."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass over all partitions of a kind of record. Only the first of two counts."""

    name: str
    counted_as: str
    partitions: Callable[[], Sequence[str]]
    table: Callable[[Services], Table]
    partition: Callable[[str, str], str]


def _signatures(name: str, counted_as: str) -> Pass:
    return Pass(
        name=name,
        counted_as=counted_as,
        partitions=lambda: keys.BUCKETS,
        table=lambda services: services.signatures,
        partition=keys.bucket,
    )


def _subscriptions(name: str, counted_as: str) -> Pass:
    return Pass(
        name=name,
        counted_as=counted_as,
        partitions=lambda: keys.SHARDS,
        table=lambda services: services.subscribers,
        partition=keys.shard,
    )


_PASSES: Final = (
    _signatures("signatures", "signatures"),
    _subscriptions("subscriptions", "subscriptions"),
    _signatures("signatures again", ""),
    _subscriptions("subscriptions again", ""),
)


def run_slice(services: Services, message: RunSlice) -> None:
    """Go on with a destruction for a while, and queue its next slice. Raises Unavailable."""
    job = jobs.find(services.organisers, message.slug, message.job_id)
    if job is None or job.kind is not JobKind.DESTROY or not job.is_open:
        return
    until = services.now() + SLICE
    try:
        job = _save(services, replace(job, state=JobState.RUNNING, worker=uuid.uuid4().hex))
        while job.cursor != TABLES_DONE and services.now() < until:
            job = _advanced(services, job)
    except JobOvertaken:
        return
    is_done = job.cursor == TABLES_DONE
    settings = services.settings
    url = settings.export_queue_url if is_done else settings.change_queue_url
    job_queue.put(services.sqs, url, message, services.job_key)


def _advanced(services: Services, job: Job) -> Job:
    """The job after its next step."""
    if not job.checkpoint:
        # Safe to repeat: the first moment stands.
        index_salts.mark_destroyed(services.limits, job.slug, now=services.now())
        shut_at = to_milliseconds(services.now())
        return _save(services, replace(job, checkpoint={"shut_at": shut_at, "digests": {}}))
    if not job.cursor:
        return _paused(services, job)
    # The last part is the key of an item, which is any text if somebody else has written it.
    number, partition, after = job.cursor.split("/", 2)
    return _with_page(services, job, int(number), int(partition), after)


def _paused(services: Services, job: Job) -> Job:
    """Wait until no process knows the salt; then let the counts stand for ever."""
    left = to_moment(job.checkpoint["shut_at"]) + PAUSE - services.now()
    if left > timedelta():
        services.sleep(min(left.total_seconds(), _MAX_WAIT_SECONDS))
        return job
    tallies.freeze(services.petitions, job.slug, now=services.now())
    breakdowns.freeze(services.petitions, job.slug, now=services.now())
    return _save(services, replace(job, cursor="0/0/"))


def _with_page(services: Services, job: Job, number: int, partition: int, after: str) -> Job:
    """The job after the next page of a partition is counted, stored with it, and deleted.

    Where nothing is counted, it is deleted before that is stored.
    """
    current = _PASSES[number]
    names = current.partitions()
    table, pk = current.table(services), current.partition(job.slug, names[partition])
    found, cursor = partitions.page_of_keys(table, pk, after=after or None, limit=_PAGE)
    if cursor is not None:
        place = f"{number}/{partition}/{cursor}"
    elif partition + 1 < len(names):
        place = f"{number}/{partition + 1}/"
    else:
        place = f"{number + 1}/0/" if number + 1 < len(_PASSES) else TABLES_DONE
    if not current.counted_as:
        partitions.delete_all(table, pk, found)
    saved = _save(
        services,
        replace(
            _counted(job, current, found),
            cursor=place,
            done_parts=_progress(number, partition, len(names)),
        ),
    )
    if current.counted_as:
        partitions.delete_all(table, pk, found)
    return saved


def _counted(job: Job, current: Pass, found: Sequence[str]) -> Job:
    """The job with these indexes added to its count and to its digest: a chain of SHA-256."""
    name = current.counted_as
    if not name or not found:
        return job
    digests = job.checkpoint["digests"]
    chained = hashlib.sha256((digests.get(name, "") + "".join(found)).encode()).hexdigest()
    return replace(
        job,
        counts={**job.counts, name: job.counts.get(name, 0) + len(found)},
        checkpoint={**job.checkpoint, "digests": {**digests, name: chained}},
    )


def _progress(number: int, partition: int, partitions: int) -> int:
    """The parts of 256 that are done: the passes count alike."""
    done = (number + (partition + 1) / partitions) / len(_PASSES)
    return round(done * (PARTS - 1))


def _save(services: Services, job: Job) -> Job:
    return jobs.save_progress(services.organisers, job, now=services.now())
