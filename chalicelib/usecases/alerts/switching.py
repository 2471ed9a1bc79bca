"""Switches parts of a petition off and on, within seconds and without publishing.

Pages, forms and single mails read the switches with what they read anyway. Alerts are paused at
once, and a minute later again those that started meanwhile.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.switches import Switch, Switches, read_notice
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, switches
from chalicelib.usecases.alerts import controlling
from chalicelib.usecases.alerts.controlling import AlertsSwitchedOff
from chalicelib.wiring import Services


def show(services: Services) -> Mapping[str, Switches]:
    """The switches of every petition, by slug. Raises Unavailable."""
    slugs = petitions.slugs(services.petitions)
    return {slug: switches.get(services.petitions, slug) for slug in slugs}


def switch(services: Services, slug: str, which: Switch, *, on: bool) -> int:
    """Switch on or off; how many alerts were paused, or go on. Safe to repeat.

    Raises NotFound, Unavailable.
    """
    if not switches.mark(services.petitions, slug, which, on=on):
        raise NotFound
    services.cache.clear()
    if which is not Switch.ALERTS:
        return 0
    # After the switch: an alert that starts in between reads it, and pauses itself.
    return _resume_all(services, slug) if on else _pause_all(services, slug)


def check_notice(services: Services, slug: str, typed: Mapping[str, str]) -> Mapping[str, str]:
    """The notice as it would be shown. Raises NotFound, BadNotice, Unavailable."""
    return read_notice(typed, petitions.get(services.petitions, slug).languages)


def set_notice(services: Services, slug: str, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Show a notice on the page of a petition; none if every text is empty.

    Raises NotFound, BadNotice, Unavailable.
    """
    notice = check_notice(services, slug, typed)
    if not switches.save_notice(services.petitions, slug, notice):
        raise NotFound
    services.cache.clear()
    return notice


def _pause_all(services: Services, slug: str) -> int:
    opened = [alert for alert in _not_complete(services, slug) if alert.is_open]
    reason = controlling.SWITCHED_OFF
    return sum(controlling.pause(services, alert.alert_id, reason) for alert in opened)


def _resume_all(services: Services, slug: str) -> int:
    """Let the alerts go on that the switch has paused, and no others."""
    paused = [
        alert
        for alert in _not_complete(services, slug)
        if alert.state is AlertState.PAUSED and alert.reason == controlling.SWITCHED_OFF
    ]
    # Whoever switches them off again meanwhile is right.
    with suppress(AlertsSwitchedOff):
        return sum(controlling.resume(services, alert.alert_id) for alert in paused)
    return 0


def _not_complete(services: Services, slug: str) -> Iterator[Alert]:
    for alert_id in alerts.list_open(services.petitions, slug):
        yield alerts.get(services.petitions, alert_id)
