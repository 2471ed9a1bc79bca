"""`zaklik alert …`: see what is being sent; pause it, let it go on, end it, send again."""

from typing import Never

import click

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions
from chalicelib.usecases.alerts import controlling, retrying
from chalicelib.wiring import Services
from ops.commands import alert_progress
from ops.commands.alert_arguments import alert_argument, found_alert_id
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


@alert.command("list")
@click.argument("slug", required=False)
@pass_target
def list_command(target: Target, slug: str | None) -> None:
    """List what was sent: for the petition SLUG, or for all."""
    services = target.services
    if slug is not None:
        # Raises NotFound.
        petitions.get(services.petitions, slug)
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

    What the mail service has been given already cannot be called back.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    if not controlling.pause(services, alert_id, reason):
        _refuse(services, alert_id, "Only an open alert can be paused.")
    console.done("Paused. Mails that the mail service has already cannot be called back.")
    console.hint(f"To go on: {command(f'alert resume {alert_id}')}")
    console.hint(f"To end it: {command(f'alert cancel {alert_id}')}")


@alert.command()
@alert_argument
@pass_target
def resume(target: Target, name: str) -> None:
    """Let the paused alert ID go on where it was. Nobody gets its mail twice."""
    services = target.services
    alert_id = found_alert_id(services, name)
    if not controlling.resume(services, alert_id):
        _refuse(services, alert_id, "Only a paused alert can go on.")
    console.done("It goes on.")
    console.hint(f"How far it is: {command(f'alert show {alert_id}')}")


@alert.command()
@alert_argument
@click.option("--reason", default="", help="Why, for others who look. It must name no person.")
@click.option("--yes", is_flag=True, help="Cancel without asking.")
@pass_target
def cancel(target: Target, name: str, reason: str, yes: bool) -> None:
    """End the alert ID for good. It cannot be sent again.

    Subscribers who have not been mailed yet get nothing by this alert.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    progress = controlling.show(services, alert_id)
    if progress.alert.state not in (AlertState.OPEN, AlertState.PAUSED):
        _refuse(services, alert_id, "It cannot be cancelled.")
    sent = progress.outcomes[Outcome.SENT]
    console.note(f"{console.counted(sent, 'mail')} cannot be called back.")
    more = "" if progress.alert.cursor is None else ", and who has not been gathered yet,"
    console.note(f"{console.counted(progress.left, 'recipient')}{more} would get nothing.")
    if not yes:
        click.confirm("Cancel it for good?", abort=True, err=True)
    if not controlling.cancel(services, alert_id, reason):
        _refuse(services, alert_id, "It has just ended.")
    console.done("Cancelled.")


@alert.command()
@alert_argument
@click.option("--missed", is_flag=True, required=True, help="Who was refused or is in doubt.")
@click.option("--yes", is_flag=True, help="Mail without asking.")
@pass_target
def again(target: Target, name: str, missed: bool, yes: bool) -> None:  # noqa: ARG001
    """Mail again those whom the alert ID has missed.

    They were refused by the mail service, or nobody knows whether they were mailed: these may then
    get the mail twice. Everybody else gets nothing.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    progress = controlling.show(services, alert_id)
    if progress.alert.state is AlertState.CANCELLED:
        _refuse(services, alert_id, "A cancelled alert mails nobody.")
    refused = progress.outcomes[Outcome.REJECTED]
    in_doubt = progress.outcomes[Outcome.DOUBTFUL] + progress.in_doubt
    if not refused + in_doubt:
        console.note("It has missed nobody.")
        return
    console.note(
        f"{console.counted(refused, 'recipient')} refused by the mail service; {in_doubt:,} in "
        "doubt, who may get the mail twice."
    )
    if not yes:
        click.confirm("Mail them again?", abort=True, err=True)
    count = retrying.again_missed(services, alert_id)
    console.done(f"{console.counted(count, 'recipient')} to be mailed again.")
    console.hint(f"How far it is: {command(f'alert show {alert_id}')}")


@alert.command()
@alert_argument
@click.option("--doubtful", is_flag=True, required=True, help="Who may have been mailed or not.")
@click.option("--yes", is_flag=True, help="Decide without asking.")
@pass_target
def skip(target: Target, name: str, doubtful: bool, yes: bool) -> None:  # noqa: ARG001
    """Leave out those in doubt of the alert ID.

    Nobody knows whether they were mailed. So nobody gets the mail twice, and the alert ends an hour
    after they came in doubt. `alert again` can still mail them.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    progress = controlling.show(services, alert_id)
    if not progress.in_doubt:
        console.note("Of nobody it is unknown now. The decision holds for whoever comes in doubt.")
    if not yes:
        click.confirm("Leave out who is in doubt?", abort=True, err=True)
    controlling.skip_doubtful(services, alert_id)
    console.done("Who is in doubt for an hour is left out.")


def _refuse(services: Services, alert_id: str, rule: str) -> Never:
    """Raise CannotContinue, with the state that the alert has now."""
    now = alerts.get(services.petitions, alert_id)
    since = f"{now.changed_at:%Y-%m-%d %H:%M} UTC"
    raise CannotContinue(f"{rule} This one is {now.state} since {since}.")
