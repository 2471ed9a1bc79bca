"""Starts daily and weekly digests when they are due."""

from chalicelib.domain.alerts.alert import AlertKind, AlertState
from chalicelib.domain.alerts.digest import PendingDigests
from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts, digests
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
    states = {each: _state(services, slug, each) for each in pending.updates_for(frequency).names}
    held = tuple(each for each, state in states.items() if state is AlertState.PAUSED)
    left_out = _closing_notice(services, slug)
    news = [
        update
        for each, state in states.items()
        if state not in (AlertState.PAUSED, AlertState.CANCELLED)
        and each != left_out
        and (update := updates.find(services.petitions, slug, each))
    ]
    pending = digests.without_ended(services.petitions, pending)
    started = [update.name for update in news]
    write = digests.emptying(pending, frequency, name, started=started, held=held)
    if news:
        new = starting.new_alert(services, slug, name, AlertKind.DIGEST, news)
        return starting.start(services, new, [write])
    if len(held) < len(states):
        digests.apply(services.petitions, write)
    return None


def _state(services: Services, slug: str, name: str) -> AlertState | None:
    """The state of the alert by which an update is sent at once, None if it is lost."""
    alert = alerts.find(services.petitions, slug, name)
    return alert.state if alert else None


def _closing_notice(services: Services, slug: str) -> str | None:
    """The name of the update that says that a petition closes soon, if it has closed."""
    state = petitions.get(services.petitions, slug).state(services.now())
    closing = Occasion(milestone=Milestone.CLOSING).name
    return closing if state is PetitionState.CLOSED else None
