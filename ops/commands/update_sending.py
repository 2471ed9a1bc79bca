"""`zaklik update send` and `zaklik update status`: mail an update, and follow the sending."""

import sys
from datetime import datetime

import click

from chalicelib.domain.alerts import digest, schedule
from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.content import frozen
from chalicelib.domain.alerts.pacing import days_needed, expected_end
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.domain.subscriber import Frequency
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import composing, controlling, starting
from chalicelib.usecases.alerts.starting import DatedLater
from chalicelib.usecases.subscriptions.counting import Audience
from chalicelib.wiring import Services
from ops.commands import alert_progress, audiences
from ops.commands.update_arguments import update_id_argument
from ops.content import update_previews
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command


@click.command()
@update_id_argument
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option(
    "--watch/--no-watch",
    default=None,
    help="Show the sending until it ends; by default, where a person can see it.",
)
@pass_target
def send(target: Target, update_id: str, yes: bool, watch: bool | None) -> None:
    """Mail the published update ID to the subscribers, each once.

    The command first says who gets it and asks. The sending then goes on by itself, also when you
    stop the command; `zaklik update status ID` follows it. The command is safe to repeat: a second
    time it sends nothing and says so (exit code 0). Mail cannot be called back.
    """
    services = target.services
    slug, name = split_id(update_id)
    update = updates.get(services.petitions, slug, name)
    if not alerts.find_id(services.petitions, slug, name):
        _show_plan(services, update)
        if not yes:
            click.confirm("Send it now? Mail cannot be called back.", abort=True, err=True)
    try:
        alert_id = starting.start_update(services, update_id)
    except DatedLater as error:
        raise CannotContinue(
            f"The update bears a day that is still to come: published_on is {error}. Wait for it, "
            "or correct the line and publish again."
        ) from error
    if alert_id:
        console.done(f"{update_id} is on its way to the subscribers.")
    else:
        console.note(f"{update_id} has been sent before. Nothing is sent twice.")
    if sys.stderr.isatty() if watch is None else watch:
        alert_id = alert_id or alerts.find_id(services.petitions, slug, name)
        if alert_id:
            alert_progress.watch(services, alert_id)
        return
    console.hint(f"How far it is: {command(f'update status {update_id}')}")


def _show_plan(services: Services, update: Update) -> None:
    """Say who gets an update, how large its mail is and how long it takes.

    Raises NotFound (no such petition), AlertTooLarge.
    """
    petition = petitions.get(services.petitions, update.slug)
    composing.check_size(services, frozen(petition, [update], whole=True), AlertKind.UPDATE)
    previews = update_previews.previews_of(services, petition, update, list(update.texts))
    audience = audiences.count_with_progress(services, update.slug)
    audiences.show(audience)
    at_once, now = audience.of_frequency(Frequency.EACH), services.now()
    console.say(f"{at_once:>10,}  get it at once")
    console.say(f"{audience.count - at_once:>10,}  get it in a digest")
    largest = max(previews, key=lambda preview: preview.html_bytes)
    console.say(f"{largest.html_bytes:>10,}  bytes has the largest mail, in {largest.language}")
    if at_once:
        _show_end(services, at_once, now)
    _warn_of_languages(audience, update)
    if update.send_at and update.send_at > now:
        console.note(
            f"It is to go out at {update.sending_shown} by itself. Sent now, it does not go out "
            "again then."
        )


def _show_end(services: Services, count: int, now: datetime) -> None:
    """Say when so many mails are through, by SES's rate and daily quota of now."""
    pace = sending_rate.current(services)
    if pace.sandbox and not services.settings.is_tryout:
        console.note("SES keeps this account in its sandbox: it mails verified addresses only.")
    if pace.stop:
        console.note(f"Sending stands still: {pace.stop.reason}. It goes on by itself.")
    end = expected_end(pace, count, now)
    if end is None:
        console.note("SES's daily quota leaves no room for it: ask for a higher one first.")
        return
    days = days_needed(pace, count) or 1
    over = f", over {days} days, as SES's daily quota allows" if days > 1 else ""
    console.say(f"At SES's rate it is through at {end:%Y-%m-%d %H:%M} UTC{over}.")


def _warn_of_languages(audience: Audience, update: Update) -> None:
    """Warn of subscribers in whose language the update has no text."""
    missing = audience.without(update.texts)
    if missing:
        instead = next(iter(update.texts))
        counts = ", ".join(f"{count:,} in {language}" for language, count in missing.items())
        console.note(f"No text for subscribers in every language: {counts}. They get “{instead}”.")


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
        _show_digests(services, slug, alert.started_at)


def _show_digests(services: Services, slug: str, started_at: datetime) -> None:
    """Say from when on the digests of an update are sent."""
    times = petitions.get(services.petitions, slug).digest_times
    for frequency in digest.DIGESTS:
        due = times.following(frequency, started_at)
        day = times.latest_day(frequency, due)
        follow = command(f"update status {slug}/{digest.digest_name(frequency, day)}")
        console.hint(
            f"The {frequency} digest has it from {schedule.shown(due, times.zone)} on: {follow}"
        )


def _show_not_made(services: Services, slug: str, name: str) -> None:
    """Say when a digest is made. Raises CannotContinue if that is past, or no such day."""
    digest_id = f"{slug}/{name}"
    times = petitions.get(services.petitions, slug).digest_times
    try:
        due = times.moment_of(digest.day_of(name))
    except ValueError as error:
        raise CannotContinue(f"There is no such day: {digest_id}.") from error
    if due <= services.now():
        raise CannotContinue(f"No digest {digest_id} has been made: no update waited for it.")
    console.note(f"The digest {digest_id} is made at {schedule.shown(due, times.zone)}.")


def _show_not_sent(published: Update) -> None:
    console.note(f"{published.id} is published and has not been sent.")
    if published.send_at:
        console.hint(f"It is to go out at {published.sending_shown}.")
