"""`zaklik alert again` and `zaklik alert skip`: what becomes of those whom an alert has missed."""

from typing import Final

import click

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.organisers.trail import Act
from chalicelib.usecases.alerts import controlling, retrying
from chalicelib.usecases.alerts.controlling import Progress
from ops.commands import trail_lines
from ops.commands.alert_arguments import alert_argument, found_alert_id, refuse_state
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_NEVER_AGAIN: Final = {
    Outcome.SKIPPED: "they had left, or had changed how often they are mailed",
    Outcome.SUPPRESSED: "they block our mails, or their mailbox takes none",
}


@click.command()
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
    if progress.alert.is_cancelled:
        refuse_state(services, alert_id, "A cancelled alert mails nobody.")
    outcomes = progress.outcomes
    refused = outcomes[Outcome.REJECTED]
    in_doubt = outcomes[Outcome.DOUBTFUL] + progress.in_doubt
    if not refused + in_doubt:
        console.note("Nobody is to be mailed again: nobody was refused or is in doubt.")
        _say_who_is_never_mailed_again(progress)
        return
    console.note(
        f"{console.counted(refused, 'recipient')} refused by the mail service; {in_doubt:,} in "
        "doubt, who may get the mail twice."
    )
    _say_who_is_never_mailed_again(progress)
    if not yes:
        click.confirm("Mail them again?", abort=True, err=True)
    trail_lines.record_of_alert(services, alert_id, Act.MAIL_AGAIN)
    count = retrying.again_missed(services, alert_id)
    console.done(f"{console.counted(count, 'recipient')} to be mailed again.")
    console.hint(f"How far it is: {command(f'alert show {alert_id}')}")


@click.command()
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
    if progress.alert.state in (AlertState.COMPLETE, AlertState.CANCELLED):
        refuse_state(
            services,
            alert_id,
            "Who is in doubt is left out without that."
            if progress.in_doubt
            else "Nobody is in doubt now.",
        )
    if not progress.in_doubt:
        console.note("Nobody is in doubt now. The decision holds for whoever comes in doubt.")
    if not yes:
        click.confirm("Leave out who is in doubt?", abort=True, err=True)
    trail_lines.record_of_alert(services, alert_id, Act.SKIP_DOUBTFUL)
    controlling.skip_doubtful(services, alert_id)
    console.done("Who is in doubt for an hour is left out.")


def _say_who_is_never_mailed_again(progress: Progress) -> None:
    """Name those who got no mail and want or can get none."""
    for outcome, reason in _NEVER_AGAIN.items():
        if count := progress.outcomes[outcome]:
            console.note(f"{console.counted(count, 'recipient')} not mailed: {reason}.")
