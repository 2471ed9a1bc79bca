"""`zaklik update send`: mail an update to its subscribers, and follow the sending."""

import sys
from datetime import datetime
from typing import Final

import click

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.pacing import days_needed, expected_end
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.domain.subscriber import Frequency
from chalicelib.protection import sending_rate
from chalicelib.routes.pages.update_previews import previews_of
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import approving, controlling, starting, timing
from chalicelib.usecases.alerts.approving import ApprovalNeeded
from chalicelib.usecases.alerts.starting import DatedLater
from chalicelib.usecases.subscriptions.counting import Audience
from chalicelib.wiring import Services
from ops.commands import alert_progress, audiences, trail_lines
from ops.commands.update_arguments import update_id_argument
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_UNAPPROVED: Final = (
    "This petition lets two organisers decide what is mailed, and nobody has approved the update "
    "as it is now. One asks at the desk, another approves there. An operator can send it with "
    "--without-approval; the petition's trail then says so."
)


@click.command()
@update_id_argument
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option(
    "--watch/--no-watch",
    default=None,
    help="Show the sending until it ends; by default, where a person can see it.",
)
@click.option(
    "--without-approval",
    is_flag=True,
    help="Send what no second organiser has approved; the petition's trail says so.",
)
@pass_target
def send(
    target: Target, update_id: str, yes: bool, watch: bool | None, without_approval: bool
) -> None:
    """Mail the published update ID to the subscribers, each once.

    The command first says who gets it and asks. The sending then goes on by itself, also when you
    stop the command; `zaklik update status ID` follows it. The command is safe to repeat: a second
    time it sends nothing and says so (exit code 0; 1 if it was cancelled). Mail cannot be called
    back.

    Where the petition lets two organisers decide, one asks at the desk and another approves there.
    """
    services = target.services
    slug, name = split_id(update_id)
    update = updates.get(services.petitions, slug, name)
    if not alerts.find_id(services.petitions, slug, name):
        approval = approving.show(services, update_id)
        if approval.needed and not approval.given and not without_approval:
            raise CannotContinue(_UNAPPROVED)
        _show_plan(services, update)
        if not yes:
            click.confirm("Send it now? Mail cannot be called back.", abort=True, err=True)
    alert_id = _start(services, update_id, without_approval=without_approval)
    if alert_id:
        _show_started(services, update_id, alert_id)
    else:
        _show_sent_before(services, update)
    if sys.stderr.isatty() if watch is None else watch:
        alert_id = alert_id or alerts.find_id(services.petitions, slug, name)
        if alert_id:
            alert_progress.watch(services, alert_id)
        return
    console.hint(f"How far it is: {command(f'update status {update_id}')}")


def _start(services: Services, update_id: str, *, without_approval: bool) -> str | None:
    """Start the alert of an update; its id, None if it was started before. Raises CannotContinue.

    Nothing is noted in the trail when nothing starts.
    """
    slug, name = split_id(update_id)
    if alerts.find_id(services.petitions, slug, name):
        return None
    detail = f"{name}, without approval" if without_approval else name
    trail_lines.record(services, slug, Act.SEND_UPDATE, detail)
    try:
        return starting.start_update(services, update_id, without_approval=without_approval)
    except DatedLater as error:
        raise CannotContinue(
            f"The update bears a day that is still to come: published_on is {error}. Wait for it, "
            "or correct the line and publish again."
        ) from error
    except ApprovalNeeded as error:
        raise CannotContinue(_UNAPPROVED) from error


def _show_started(services: Services, update_id: str, alert_id: str) -> None:
    """Say that it is on its way, or that it waits because alerts are switched off."""
    started = alerts.get(services.petitions, alert_id)
    if started.state is AlertState.PAUSED:
        console.note(f"{update_id} waits: {started.reason}.")
        console.hint(f"To switch them on: {command(f'switch on alerts {started.slug}')}")
    else:
        console.done(f"{update_id} is on its way to the subscribers.")


def _show_sent_before(services: Services, update: Update) -> None:
    """Say that nothing is sent twice. Raises CannotContinue if the sending was cancelled."""
    alert = alerts.find(services.petitions, update.slug, update.name)
    if alert is None or not alert.is_cancelled:
        console.note(f"{update.id} has been sent before. Nothing is sent twice.")
        return
    sent = controlling.show(services, alert.alert_id).outcomes[Outcome.SENT]
    raise CannotContinue(
        f"{update.id} has been sent before and was cancelled at {alert.changed_at:%Y-%m-%d %H:%M} "
        f"UTC, when {console.counted(sent, 'recipient')} had got it. It cannot be sent again. To "
        "mail it after all, publish it under another name, from a folder of that name. Who has "
        "got it already then gets it again."
    )


def _show_plan(services: Services, update: Update) -> None:
    """Say who gets an update, how large its mail is and how long it takes.

    Raises NotFound (no such petition), AlertTooLarge.
    """
    petition = petitions.get(services.petitions, update.slug)
    timing.check_size(services, update)
    previews = previews_of(services, petition, update, list(update.texts))
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
        total = console.counted(sum(missing.values()), "subscriber")
        counts = ", ".join(f"{language} {count:,}" for language, count in missing.items())
        console.note(
            f"It has no text in the language of {total} ({counts}), who get it in “{instead}”."
        )
