"""Starts daily and weekly digests when they are due."""

from contextlib import suppress
from datetime import datetime

from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.digest import PendingDigests
from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts, contents, digests
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import starting
from chalicelib.wiring import Services


def start_if_due(services: Services, slug: str, frequency: Frequency) -> None:
    """Start one digest with all updates that wait for it, if its moment has come.

    After days of downtime subscribers get one digest, not one for each day. No digest waits for an
    alert that is stuck. Raises NotFound (no such petition), Unavailable.
    """
    pending, now = digests.get(services.petitions, slug), services.now()
    # An update that is added after a day's digest waits for the next one.
    if pending.is_due(frequency, now) and not alerts.find_id(
        services.petitions, slug, pending.digest_name(frequency, now)
    ):
        start(services, pending, frequency)


def start(services: Services, pending: PendingDigests, frequency: Frequency) -> str | None:
    """Start a digest of what waits, if all is as it was read; its id. None if there is none.

    An update whose own alert is paused waits on. One whose alert was cancelled is left out for
    good, and so is one that cannot be read, and the news that a petition closes after its end.
    Raises NotFound (no such petition), Unavailable.
    """
    slug, name = pending.slug, pending.digest_name(frequency, services.now())
    petition = petitions.get(services.petitions, slug)
    waiting = {
        each: alerts.find(services.petitions, slug, each)
        for each in pending.updates_for(frequency).names
    }
    held = tuple(
        each for each, alert in waiting.items() if alert and alert.state is AlertState.PAUSED
    )
    left_out = _closing_notice(petition, services.now())
    news = [
        update
        for each, alert in waiting.items()
        if each not in (*held, left_out)
        and not (alert and alert.is_cancelled)
        and (update := _update(services, petition, each, alert))
    ]
    pending = digests.without_ended(services.petitions, pending)
    started = [update.name for update in news]
    write = digests.emptying(pending, frequency, name, started=started, held=held)
    if news:
        new = starting.new_alert(petition, name, AlertKind.DIGEST, news)
        return starting.start(services, new, [write])
    if len(held) < len(waiting):
        digests.apply(services.petitions, write)
    return None


def _update(
    services: Services, petition: Petition, name: str, alert: Alert | None
) -> Update | None:
    """An update as it is now, or as it was approved where that is required; None if it is lost."""
    if alert and ApprovalKind.SENDING in petition.approvals:
        with suppress(NotFound):
            return contents.get(services.petitions, alert.alert_id).updates[0]
        return None
    return updates.find(services.petitions, petition.slug, name)


def _closing_notice(petition: Petition, now: datetime) -> str | None:
    """The name of the update that says that a petition closes soon, if it has closed."""
    closing = Occasion(milestone=Milestone.CLOSING).name
    return closing if petition.state(now) is PetitionState.CLOSED else None
