"""Jobs of a petition, in the table of organisers: one partition for each petition."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import Job, JobKind, JobOvertaken, JobState
from chalicelib.store import desk_keys, keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, is_live, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table

KEPT: Final = timedelta(days=90)
"""Time for which the job of an export is kept. That of a destruction stays: it is its evidence."""


def add(table: Table, job: Job) -> None:
    """Q50: store a new job. Safe to repeat."""
    try:
        table.add(desk_keys.job(job.slug, job.id), _item(job))
    except ConditionFailed as failed:
        if not _holds(failed.item, job):
            raise


def get(table: Table, slug: str, job_id: str) -> Job:
    """Q50: a job. Raises NotFound."""
    job = find(table, slug, job_id)
    if job is None:
        raise NotFound
    return job


def find(table: Table, slug: str, job_id: str) -> Job | None:
    """Q50: a job, or None."""
    item = table.find(desk_keys.job(slug, job_id), consistent=True)
    return None if item is None else _job(slug, item)


def list_newest(table: Table, slug: str, *, now: datetime) -> Sequence[Job]:
    """Q51: the jobs of a petition, the newest first."""
    items = table.items_of(desk_keys.job_partition(slug), consistent=True)
    return sorted(
        (_job(slug, item) for item in items if is_live(item, now)),
        key=lambda job: job.id,
        reverse=True,
    )


def save(table: Table, job: Job) -> Job | None:
    """Q50: store a job that is as it was read but for what the caller has changed.

    Returns it with its new revision; None if somebody else has stored it since it was read.
    """
    saved = replace(job, revision=job.revision + 1)
    try:
        table.put(
            desk_keys.job(job.slug, job.id),
            _item(saved),
            condition="#revision = :revision",
            names={"#revision": "revision"},
            values={":revision": job.revision},
        )
    except ConditionFailed as failed:
        # The first attempt of this very write may have succeeded, and its answer been lost.
        if not _holds(failed.item, saved):
            return None
    return saved


def save_progress(table: Table, job: Job, *, now: datetime) -> Job:
    """Q50: store a job as changed now; it, with its new revision.

    Raises JobOvertaken if somebody else has stored it since it was read.
    """
    saved = save(table, replace(job, changed_at=now))
    if saved is None:
        raise JobOvertaken
    return saved


def _holds(item: Item | None, job: Job) -> bool:
    return item == {**desk_keys.job(job.slug, job.id), **_item(job)}


def _item(job: Job) -> dict[str, Any]:
    item: dict[str, Any] = {
        "kind": job.kind,
        "state": job.state,
        "asked_by": job.asked_by.id,
        "asked_by_name": job.asked_by.name,
        "asked_at": to_milliseconds(job.asked_at),
        "changed_at": to_milliseconds(job.changed_at),
        "cursor": job.cursor,
        "done_parts": job.done_parts,
        "counts": dict(job.counts),
        "checkpoint": dict(job.checkpoint),
        "detail": job.detail,
        "worker": job.worker,
        "revision": job.revision,
    }
    if job.kind is not JobKind.DESTROY:
        item[keys.EXPIRES_AT] = to_epoch(job.asked_at + KEPT)
    return item


def _job(slug: str, item: Item) -> Job:
    return Job(
        id=item[keys.SK],
        slug=slug,
        kind=JobKind(item["kind"]),
        state=JobState(item["state"]),
        asked_by=Actor(id=item["asked_by"], name=item["asked_by_name"]),
        asked_at=to_moment(item["asked_at"]),
        changed_at=to_moment(item["changed_at"]),
        cursor=item["cursor"],
        done_parts=item["done_parts"],
        counts=dict(item["counts"]),
        checkpoint=dict(item["checkpoint"]),
        detail=item["detail"],
        worker=item["worker"],
        revision=item["revision"],
    )
