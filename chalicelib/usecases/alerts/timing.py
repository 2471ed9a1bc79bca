"""Sets when a published update is mailed: at a time, at another one, or not by itself."""

from datetime import datetime

from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.schedule import ZonedMoment
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions import update_rules
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import composing
from chalicelib.wiring import Services


class SentBefore(Exception):
    """The update has been sent: no time can be set any more."""


def set_time(services: Services, update_id: str, at: ZonedMoment | None) -> Update:
    """Let an update be mailed at a moment, or take that back with None; the update as it is then.

    Its text stays as it is stored, also if somebody amends it at this moment. An alert that starts
    at this moment is not stopped. Raises NotFound, SentBefore, BadTime, AlertTooLarge, Unavailable.
    """
    slug, name = split_id(update_id)
    now = services.now()
    if alerts.find_id(services.petitions, slug, name):
        raise SentBefore
    if at:
        check_size(services, updates.get(services.petitions, slug, name))
    changed = updates.change(
        services.petitions, slug, name, lambda current: _timed(current, at, now)
    )
    services.cache.clear()
    return changed


def check_size(services: Services, update: Update) -> None:
    """Raise AlertTooLarge, with the remedy, if the mail of an update would be; or NotFound."""
    petition = petitions.get(services.petitions, update.slug)
    frozen = content.frozen(petition, [update], whole=True)
    composing.check_size(services, frozen, AlertKind.UPDATE)


def _timed(current: Update | None, at: ZonedMoment | None, now: datetime) -> Update:
    if current is None:
        raise NotFound
    if at:
        update_rules.check_moment(current.published_on, at, now)
    return current.timed(at)
