"""Switches parts of a petition off and on, within seconds and without publishing.

Pages, forms and single mails read the switches with what they read anyway. Alerts are paused at
once, and a minute later again those that started meanwhile.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.switches import Switch, Switches, read_notice
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, switches
from chalicelib.usecases.alerts import controlling
from chalicelib.wiring import Services

SWITCHED_OFF: Final = "alerts of this petition are switched off"
"""The reason of such a pause: only these alerts go on when they are switched on again."""


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


def pause_if_switched_off(services: Services, alert_id: str, slug: str) -> bool:
    """Pause an open alert if its petition has switched alerts off; whether it has."""
    if switches.get(services.petitions, slug).is_on(Switch.ALERTS):
        return False
    controlling.pause(services, alert_id, SWITCHED_OFF)
    return True


def _pause_all(services: Services, slug: str) -> int:
    opened = [alert for alert in _not_complete(services, slug) if alert.is_open]
    return sum(controlling.pause(services, alert.alert_id, SWITCHED_OFF) for alert in opened)


def _resume_all(services: Services, slug: str) -> int:
    """Let the alerts go on that the switch has paused, and no others."""
    paused = [
        alert
        for alert in _not_complete(services, slug)
        if alert.state is AlertState.PAUSED and alert.reason == SWITCHED_OFF
    ]
    return sum(controlling.resume(services, alert.alert_id) for alert in paused)


def _not_complete(services: Services, slug: str) -> Iterator[Alert]:
    for alert_id in alerts.list_open(services.petitions, slug):
        yield alerts.get(services.petitions, alert_id)
