"""`zaklik update status`: how far the sending of an update or digest is."""

import calendar

import click

from chalicelib.domain.alerts import digest, schedule
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import controlling, listing
from chalicelib.wiring import Services
from ops.commands import alert_progress
from ops.commands.update_arguments import update_id_argument
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command


@click.command()
@update_id_argument
@click.option("--watch", is_flag=True, help="Show it until it ends.")
@pass_target
def status(target: Target, update_id: str, watch: bool) -> None:
    """Show how far the sending of the update or digest ID is.

    Digests have IDs like my-petition/week-2026-03-09 and my-petition/day-2026-03-09.
    """
    services = target.services
    slug, name = split_id(update_id)
    alert = alerts.find(services.petitions, slug, name)
    if digest.is_name(name):
        if alert is None:
            _show_not_made(services, slug, name)
            return
        console.note(f"A digest of: {', '.join(alert.update_names)}")
    else:
        published = updates.get(services.petitions, slug, name)
        if alert is None:
            _show_not_sent(published)
            return
    begun = f"{alert.started_at:%Y-%m-%d %H:%M} UTC"
    console.say(f"{update_id}, begun {begun}, in the logs: alert {alert.alert_id}")
    if watch:
        alert_progress.watch(services, alert.alert_id)
    else:
        progress = controlling.show(services, alert.alert_id)
        alert_progress.show(progress, services.now())
    if not digest.is_name(name):
        _show_digests(services, alert)


def _show_digests(services: Services, alert: Alert) -> None:
    """Say which digests an update waits for."""
    if alert.is_cancelled:
        return
    on_condition = ", if it is resumed before" if alert.state is AlertState.PAUSED else ""
    for planned in listing.planned_digests(services, alert.slug):
        if alert.name in planned.names:
            follow = command(f"update status {alert.slug}/{planned.name}")
            console.hint(
                f"It waits for the {planned.frequency} digest of "
                f"{schedule.shown(planned.due_at, planned.zone)}{on_condition}: {follow}"
            )


def _show_not_made(services: Services, slug: str, name: str) -> None:
    """Say when a digest is made. Raises CannotContinue if that is past, or no such day."""
    digest_id = f"{slug}/{name}"
    times = petitions.get(services.petitions, slug).digest_times
    try:
        day = digest.day_of(name)
        due = times.moment_of(day)
    except ValueError as error:
        raise CannotContinue(f"There is no such day: {digest_id}.") from error
    if not times.is_day_of(digest.frequency_of(name), day):
        made_on = calendar.day_name[times.weekday]
        raise CannotContinue(
            f"No digest {digest_id} is ever made: weekly ones are made on a {made_on}, and {day} "
            f"is a {day:%A}."
        )
    if due <= services.now():
        raise CannotContinue(f"No digest {digest_id} has been made: no update waited for it.")
    console.note(f"The digest {digest_id} is made at {schedule.shown(due, times.zone)}.")


def _show_not_sent(published: Update) -> None:
    console.note(f"{published.id} is published and has not been sent.")
    if published.send_at:
        console.hint(f"It is to go out at {published.sending_shown}.")
