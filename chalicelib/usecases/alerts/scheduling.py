"""Starts alerts and digests that are due, once a minute.

After downtime one run catches up. It is safe to run twice.
"""

import logging

from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.errors import NotFound
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.alerts.isolating import isolated
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def every_minute(services: Services) -> None:
    """Start what is due. The error of one stops no other.

    Raises the first error at the end, which raises an alarm. The next run tries again.
    """
    errors: list[Exception] = []
    with isolated(errors, "the schedule"):
        for entry, update_id in updates.due_by(services.petitions, services.now()):
            with isolated(errors, f"update {update_id}"):
                _start_scheduled(services, entry, update_id)
    with isolated(errors, "pending digests"):
        for pending in alerts.list_pending_digests(services.petitions):
            with isolated(errors, f"the digest of {pending.slug}"):
                _start_digest(services, pending)
    if errors:
        raise errors[0]


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
