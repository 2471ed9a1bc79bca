"""Starts alerts and digests that are due, and recovers those that are stuck, once a minute.

After downtime one run catches up. It is safe to run twice: a job that is queued twice sends nothing
twice.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.alerts.chunk import MESSAGE_TIMEOUT
from chalicelib.domain.petitions.update import split_id
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.alerts import digests as digest_store
from chalicelib.store.alerts import milestones as milestone_store
from chalicelib.store.petitions import updates
from chalicelib.store.petitions.updates import Scheduled
from chalicelib.usecases.alerts import digests, milestones, starting
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_CHUNKS_PER_MINUTE = 200
"""Open chunks of one alert that one run looks at."""


def every_minute(services: Services) -> None:
    """Start what is due and recover what is stuck. The error of one stops no other.

    Raises the first error at the end, which raises an alarm. The next run tries again.
    """
    errors: list[Exception] = []
    with _isolated(errors, "milestones"):
        for plan in milestone_store.list_plans(services.petitions):
            with _isolated(errors, f"a milestone of {plan.slug}"):
                milestones.look_at(services, plan)
    with _isolated(errors, "the schedule"):
        for due in updates.due_by(services.petitions, services.now()):
            with _isolated(errors, f"update {due.update_id}"):
                _start_scheduled(services, due)
    with _isolated(errors, "open alerts"):
        for alert_id in alerts.list_open(services.petitions):
            with _isolated(errors, f"alert {alert_id}"):
                _recover(services, alert_id)
    with _isolated(errors, "pending digests"):
        for pending in digest_store.list_pending(services.petitions):
            for frequency in pending.due(services.now()):
                with _isolated(errors, f"the {frequency} digest of {pending.slug}"):
                    digests.start_if_due(services, pending.slug, frequency)
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


def _start_scheduled(services: Services, due: Scheduled) -> None:
    """Start the alert of an update that is due, and delete its entry of the schedule.

    Only the entry goes if the update is not to be sent then any more.
    """
    update = updates.find(services.petitions, *split_id(due.update_id))
    if update is None:
        log.error("scheduled update %s does not exist", due.update_id)
    elif due.is_of(update):
        starting.start_update(services, due.update_id, since=update.send_at)
    updates.delete_scheduled(services.petitions, due.entry)


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
