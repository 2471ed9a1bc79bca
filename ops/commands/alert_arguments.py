"""The arguments that commands on alerts share: an alert, by its own ID or by that of its update."""

import re
from typing import Final, Never

import click

from chalicelib.domain.alerts import digest
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import split_id
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates
from chalicelib.wiring import Services
from ops.errors import CannotContinue

_ALERT_ID: Final = re.compile(r"[0-9a-f]{16}")


def _alert_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """An alert's own ID, or that of an update or a digest; a usage error if it is neither."""
    typed = value.strip().lower()
    if _ALERT_ID.fullmatch(typed):
        return typed
    try:
        split_id(value)
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is neither the ID of an alert, as 8c1f04d27be96a35 is, nor of an update, "
            "as my-petition/first-news is.",
            ctx,
            param,
        ) from error
    return value


alert_argument: Final = click.argument("name", metavar="ID", callback=_alert_name)


def found_alert_id(services: Services, name: str) -> str:
    """The ID of the alert that is meant. Raises CannotContinue if there is none."""
    if _ALERT_ID.fullmatch(name):
        try:
            return alerts.get(services.petitions, name).alert_id
        except NotFound as error:
            raise CannotContinue(f"There is no alert {name}.") from error
    alert_id = alerts.find_id(services.petitions, *split_id(name))
    if alert_id is None:
        raise CannotContinue(_why_there_is_none(services, name))
    return alert_id


def _why_there_is_none(services: Services, name: str) -> str:
    """Why an update or digest has no alert, and what is being sent instead.

    A slip of the keyboard must not sound as if nothing went out.
    """
    slug, last = split_id(name)
    update = updates.find(services.petitions, slug, last)
    if update and update.send_at:
        why = (
            f"{name} has not been sent: it is to go out at {update.sending_shown}. To take that "
            "back, delete the line send_at of its update.toml and publish it again, or use its "
            "page at the desk."
        )
    elif update or digest.is_name(last):
        why = f"{name} has not been sent."
    else:
        why = f"There is no update {name}."
    open_ids = alerts.list_open(services.petitions)
    opened = [alerts.get(services.petitions, alert_id) for alert_id in open_ids]
    names = ", ".join(f"{each.slug}/{each.name} ({each.state})" for each in opened)
    return f"{why} Not complete now: {names}." if names else f"{why} Nothing is being sent."


def refuse_state(services: Services, alert_id: str, rule: str) -> Never:
    """Raise CannotContinue, with the state that the alert has now."""
    now = alerts.get(services.petitions, alert_id)
    since = f"{now.changed_at:%Y-%m-%d %H:%M} UTC"
    raise CannotContinue(f"{rule} This one is {now.state} since {since}.")
