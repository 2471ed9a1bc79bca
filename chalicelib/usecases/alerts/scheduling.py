"""Starts alerts and digests that are due, once a minute.

After downtime one run catches up. It is safe to run twice.
"""

import logging

from chalicelib.domain.petitions.update import split_id
from chalicelib.store.alerts import digests as digest_store
from chalicelib.store.alerts import milestones as milestone_store
from chalicelib.store.petitions import updates
from chalicelib.store.petitions.updates import Scheduled
from chalicelib.usecases.alerts import digests, milestones, starting
from chalicelib.usecases.alerts.approving import ApprovalNeeded
from chalicelib.usecases.alerts.isolating import isolated
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def every_minute(services: Services) -> None:
    """Start what is due. The error of one stops no other.

    Raises the first error at the end, which raises an alarm. The next run tries again.
    """
    errors: list[Exception] = []
    with isolated(errors, "milestones"):
        for plan in milestone_store.list_plans(services.petitions):
            with isolated(errors, f"a milestone of {plan.slug}"):
                milestones.look_at(services, plan)
    with isolated(errors, "the schedule"):
        for due in updates.due_by(services.petitions, services.now()):
            with isolated(errors, f"update {due.update_id}"):
                _start_scheduled(services, due)
    with isolated(errors, "pending digests"):
        for pending in digest_store.list_pending(services.petitions):
            for frequency in pending.due(services.now()):
                with isolated(errors, f"the {frequency} digest of {pending.slug}"):
                    digests.start_if_due(services, pending.slug, frequency)
    if errors:
        raise errors[0]


def _start_scheduled(services: Services, due: Scheduled) -> None:
    """Start the alert of an update that is due, and delete its entry of the schedule.

    Only the entry goes if the update is not to be sent then any more, or if nobody has approved it
    where that is required: approving it later sends it.
    """
    update = updates.find(services.petitions, *split_id(due.update_id))
    if update is None:
        log.error("scheduled update %s does not exist", due.update_id)
    elif due.is_of(update):
        try:
            starting.start_update(services, due.update_id, since=update.send_at)
        except ApprovalNeeded:
            log.warning("scheduled update %s waits for approval", due.update_id)
    updates.delete_scheduled(services.petitions, due.entry)
