"""`zaklik alert …`: see what is being sent; pause it, let it go on, end it."""

import click

from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions
from chalicelib.usecases.alerts import controlling
from chalicelib.usecases.alerts.controlling import AlertsSwitchedOff
from ops.commands import alert_progress, trail_lines
from ops.commands.alert_arguments import alert_argument, found_alert_id, refuse_state
from ops.commands.alert_missed import again, skip
from ops.commands.alert_who import who
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command


@click.group()
def alert() -> None:
    """See what is being mailed to subscribers, pause it, end it, mail again.

    An alert is the sending of one update or digest. ID is the alert's own, as lists and logs have
    it, or that of its update, such as my-petition/first-news.
    """


alert.add_command(who)
alert.add_command(again)
alert.add_command(skip)


@alert.command("list")
@click.argument("slug", required=False)
@pass_target
def list_command(target: Target, slug: str | None) -> None:
    """List what is scheduled, then what was sent: for the petition SLUG, or for all."""
    services = target.services
    if slug is not None:
        # Raises NotFound.
        petitions.get(services.petitions, slug)
    for update in controlling.list_scheduled(services, slug):
        console.say(f"scheduled  {update.sending_shown}  {update.id}")
    listed = controlling.list_alerts(services, slug)
    for each in listed:
        console.say(_line(each))
    if not listed:
        console.note("Nothing has been sent.")


def _line(each: Alert) -> str:
    count = console.counted(each.recipient_count, "recipient")
    more = "" if each.cursor is None else " so far"
    begun = f"{each.started_at:%Y-%m-%d %H:%M}"
    return f"{each.alert_id}  {begun}  {each.state:<9}  {each.slug}/{each.name}, {count}{more}"


@alert.command()
@alert_argument
@click.option("--watch", is_flag=True, help="Show it until it ends.")
@pass_target
def show(target: Target, name: str, watch: bool) -> None:
    """Show how far the alert ID is, and what to do if it does not go on."""
    services = target.services
    alert_id = found_alert_id(services, name)
    shown = alerts.get(services.petitions, alert_id)
    console.say(f"{shown.slug}/{shown.name}, begun {shown.started_at:%Y-%m-%d %H:%M} UTC")
    if watch:
        alert_progress.watch(services, alert_id)
        return
    alert_progress.show(controlling.show(services, alert_id), services.now())


@alert.command()
@alert_argument
@click.option("--reason", default="", help="Why, for others who look. It must name no person.")
@pass_target
def pause(target: Target, name: str, reason: str) -> None:
    """Pause the alert ID: within seconds nothing more is mailed.

    What the mail service has been given already cannot be called back. Digests leave the update out
    until it is resumed.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    trail_lines.record_of_alert(services, alert_id, Act.PAUSE_ALERT)
    if not controlling.pause(services, alert_id, reason):
        refuse_state(services, alert_id, "Only an open alert can be paused.")
    console.done("Paused. Mails that the mail service has already cannot be called back.")
    paused = alerts.get(services.petitions, alert_id)
    if paused.kind is AlertKind.UPDATE:
        console.note("Digests that have not started leave it out; it waits until it is resumed.")
        for digest in controlling.digests_with(services, paused):
            console.note(
                f"A digest that has started holds the update, and goes on: {digest.slug}/"
                f"{digest.name}. To pause it: {command(f'alert pause {digest.alert_id}')}"
            )
    console.hint(f"To go on: {command(f'alert resume {alert_id}')}")
    console.hint(f"To end it: {command(f'alert cancel {alert_id}')}")


@alert.command()
@alert_argument
@pass_target
def resume(target: Target, name: str) -> None:
    """Let the paused alert ID go on where it was. Nobody gets its mail twice."""
    services = target.services
    alert_id = found_alert_id(services, name)
    trail_lines.record_of_alert(services, alert_id, Act.RESUME_ALERT)
    try:
        resumed = controlling.resume(services, alert_id)
    except AlertsSwitchedOff:
        slug = alerts.get(services.petitions, alert_id).slug
        raise CannotContinue(
            f"Alerts of “{slug}” are switched off, so nothing goes on. To switch them on, which "
            f"lets go on what the switch has paused: {command(f'switch on alerts {slug}')}"
        ) from None
    if not resumed:
        refuse_state(services, alert_id, "Only a paused alert can go on.")
    console.done("It goes on.")
    console.hint(f"How far it is: {command(f'alert show {alert_id}')}")


@alert.command()
@alert_argument
@click.option("--reason", default="", help="Why, for others who look. It must name no person.")
@click.option("--yes", is_flag=True, help="Cancel without asking.")
@pass_target
def cancel(target: Target, name: str, reason: str, yes: bool) -> None:
    """End the alert ID for good. It cannot be sent again.

    Subscribers who have not been mailed yet get nothing by this alert. Digests that have not
    started leave the update out; one that has started goes on until it is cancelled itself.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    progress = controlling.show(services, alert_id)
    if progress.alert.state not in (AlertState.OPEN, AlertState.PAUSED):
        refuse_state(services, alert_id, "It cannot be cancelled.")
    sent = progress.outcomes[Outcome.SENT]
    console.note(f"{console.counted(sent, 'mail')} cannot be called back.")
    more = "" if progress.alert.cursor is None else ", and who has not been gathered yet,"
    console.note(f"{console.counted(progress.left, 'recipient')}{more} would get nothing.")
    if progress.alert.kind is AlertKind.UPDATE:
        console.note("Digests that have not started would leave it out.")
        for digest in controlling.digests_with(services, progress.alert):
            console.note(
                f"A digest that has started holds the update, and goes on until you cancel it, "
                f"too: {digest.slug}/{digest.name}"
            )
    if not yes:
        click.confirm("Cancel it for good?", abort=True, err=True)
    trail_lines.record_of_alert(services, alert_id, Act.CANCEL_ALERT)
    if not controlling.cancel(services, alert_id, reason):
        refuse_state(services, alert_id, "It has just ended.")
    console.done("Cancelled.")
