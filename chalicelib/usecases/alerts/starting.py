"""Starts alerts: freezes what they say, and queues their fan-out."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind, NewAlert
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import FanOut
from chalicelib.store.alerts import alerts, digests
from chalicelib.store.dynamodb.table import Write
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import approving, controlling
from chalicelib.wiring import Services


class DatedLater(Exception):
    """The update bears a day that is still to come: the argument."""


def start_update(
    services: Services,
    update_id: str,
    *,
    since: datetime | None = None,
    without_approval: bool = False,
) -> str | None:
    """Start the alert of an update; its id. None if one was started before: an update is sent once.

    Subscribers to each update get it now, others in the next digest of their day or week: the first
    one after `since`, the moment at which the update was due, by default now. Who has changed that
    gets it by the way that was chosen when the alert started. Only an operator may start one
    `without_approval` that needs it.
    Raises NotFound (no such petition or update), DatedLater, ApprovalNeeded, AlertTooLarge,
    Unavailable.
    """
    slug, name = split_id(update_id)
    update = updates.get(services.petitions, slug, name)
    now = services.now()
    if update.is_dated_after(now):
        raise DatedLater(update.published_on)
    petition = petitions.get(services.petitions, slug)
    new = new_alert(petition, name, AlertKind.UPDATE, [update])
    if not without_approval:
        approving.check(services, petition, new.content)
    return start(services, new, [digests.waiting_for_digests(slug, name, since=since or now)])


def new_alert(petition: Petition, name: str, kind: AlertKind, news: Sequence[Update]) -> NewAlert:
    """An alert of this news of a petition, with its text as it is now."""
    return NewAlert(
        slug=petition.slug,
        name=name,
        kind=kind,
        update_names=tuple(update.name for update in news),
        content=content.frozen(petition, news, whole=kind is not AlertKind.DIGEST),
        on_doubt=news[0].on_doubt,
    )


def start(services: Services, new: NewAlert, extra: Sequence[Write]) -> str | None:
    """Start an alert together with the `extra` writes; its id. None if it was started before.

    It starts paused while alerts of its petition are switched off.
    Raises AlertTooLarge, Unavailable.
    """
    # Imported here: in most minutes nothing starts, and the function needs no templates.
    from chalicelib.usecases.alerts import composing  # noqa: PLC0415

    composing.check_size(services, new.content, new.kind)
    alert_id = alerts.open_alert(services.petitions, new, extra, now=services.now())
    if alert_id and not controlling.pause_if_switched_off(services, alert_id, new.slug):
        job = FanOut(alert_id=alert_id)
        job_queue.put(services.sqs, services.settings.job_queue_url, job, services.job_key)
    return alert_id
