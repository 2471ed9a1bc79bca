"""Starts alerts and digests that are due, and recovers those that are stuck, once a minute.

After downtime one run catches up. It is safe to run twice: a job that is queued twice sends nothing
twice.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.chunk import MESSAGE_TIMEOUT
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.errors import NotFound
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import starting
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNKS_PER_MINUTE = 200
"""Open chunks of one alert that one run looks at."""


def every_minute(services: Services) -> None:
    """Start what is due and recover what is stuck. The error of one stops no other.

    Raises the first error at the end, which raises an alarm. The next run tries again.
    """
    errors: list[Exception] = []
    with _isolated(errors, "the schedule"):
        for entry, update_id in updates.due_by(services.petitions, services.now()):
            with _isolated(errors, f"update {update_id}"):
                _start_scheduled(services, entry, update_id)
    with _isolated(errors, "open alerts"):
        for alert_id in alerts.list_open(services.petitions):
            with _isolated(errors, f"alert {alert_id}"):
                _recover(services, alert_id)
    with _isolated(errors, "pending digests"):
        for pending in alerts.list_pending_digests(services.petitions):
            with _isolated(errors, f"the digest of {pending.slug}"):
                _start_digest(services, pending)
    if errors:
        raise errors[0]


@contextmanager
def _isolated(errors: list[Exception], name: str) -> Iterator[None]:
    """Log an error of the block by its class, and append it to `errors`."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the others go on, and the first is raised at the end
        log.error("%s failed: %s", name, type(error).__name__)
        errors.append(error)


def _start_scheduled(services: Services, entry: str, update_id: str) -> None:
    """Start the alert of an update that is due, and delete its entry of the schedule."""
    try:
        starting.start_update(services, update_id)
    except NotFound:
        log.error("scheduled update %s does not exist", update_id)
    updates.delete_scheduled(services.petitions, entry)


def _start_digest(services: Services, pending: PendingDigest) -> None:
    """Start one digest with all updates that wait for a Monday, if one has come.

    After weeks of downtime subscribers get one digest, not one for each week. It waits while an
    alert of its petition is open, so that nobody can be sent an update by both.
    """
    now, slug = services.now(), pending.slug
    # An update that is added after this Monday's digest waits for the next one.
    if not pending.is_due(now) or alerts.find_id(
        services.petitions, slug, pending.digest_name(now)
    ):
        return
    if alerts.has_open(services.petitions, slug):
        return
    start_digest(services, pending)


def start_digest(services: Services, pending: PendingDigest) -> str | None:
    """Start the digest of what waits, if that is as it was read; its id. None if it is not."""
    slug, name = pending.slug, pending.digest_name(services.now())
    news = [updates.get(services.petitions, slug, name) for name in pending.update_names]
    new = starting.new_alert(services, slug, name, AlertKind.DIGEST, news)
    return starting.start(services, new, [alerts.empty_digest(pending)])


def _recover(services: Services, alert_id: str) -> None:
    """Queue lost jobs again, and complete the alert when nothing is left to do.

    Only chunks that are not settled are read. A job for a chunk whose claim is not in doubt yet
    changes nothing.
    """
    now = services.now()
    alert = alerts.get(services.petitions, alert_id)
    if not alert.is_open:
        return
    if alert.cursor is not None and now - alert.changed_at >= MESSAGE_TIMEOUT:
        _queue(services, FanOut(alert_id=alert_id))
    open_chunks = chunks.list_open(services.petitions, alert_id, limit=_CHUNKS_PER_MINUTE)
    for number, added_at in open_chunks.items():
        if now - added_at >= MESSAGE_TIMEOUT:
            _queue(services, SendChunk(alert_id=alert_id, number=number))
    if alert.cursor is None and not open_chunks:
        alerts.mark_complete(services.petitions, alert_id, now=now)


def _queue(services: Services, job: Job) -> None:
    jobs.put(services.sqs, services.settings.job_queue_url, job, services.job_key)
