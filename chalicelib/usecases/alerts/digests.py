"""Starts daily and weekly digests when they are due."""

from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.digest import PendingDigests
from chalicelib.domain.errors import NotFound
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts, digests
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import starting
from chalicelib.wiring import Services


def start_if_due(services: Services, slug: str, frequency: Frequency) -> None:
    """Start one digest with all updates that wait for it, if its moment has come.

    After days of downtime subscribers get one digest, not one for each day. No digest waits for an
    alert that is stuck, paused or cancelled. Raises NotFound (no such petition), Unavailable.
    """
    pending, now = digests.get(services.petitions, slug), services.now()
    # An update that is added after a day's digest waits for the next one.
    if pending.is_due(frequency, now) and not alerts.find_id(
        services.petitions, slug, pending.digest_name(frequency, now)
    ):
        start(services, pending, frequency)


def start(services: Services, pending: PendingDigests, frequency: Frequency) -> str | None:
    """Start a digest of what waits, if all is as it was read; its id. None if it is not.

    Updates that cannot be read are left out. Raises NotFound if none can, Unavailable.
    """
    slug, name = pending.slug, pending.digest_name(frequency, services.now())
    names = pending.updates_for(frequency).names
    found = [updates.find(services.petitions, slug, each) for each in names]
    news = [update for update in found if update]
    emptying = digests.emptying(digests.without_ended(services.petitions, pending), frequency, name)
    if not news:
        raise NotFound
    new = starting.new_alert(services, slug, name, AlertKind.DIGEST, news)
    return starting.start(services, new, [emptying])
