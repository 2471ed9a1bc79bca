"""`zaklik alert who`: who did not get the mail of an alert, and why."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from chalicelib.domain.alerts.chunk import OUTCOMES, Outcome
from chalicelib.domain.mailboxes import email_address
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import controlling, tracing
from chalicelib.usecases.alerts.controlling import MissedRecipient
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write, refuse_existing
from ops.commands.alert_arguments import alert_argument, found_alert_id
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.console import Bar

_SHOWN: Final = 20
"""Recipients that are printed; a file holds them all."""
_CHOICES: Final = [outcome.value for outcome in Outcome if outcome is not Outcome.SENT]


@click.command()
@alert_argument
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice(_CHOICES),
    multiple=True,
    help="Only those with this outcome; can be given several times.",
)
@click.option(
    "--csv",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all of them to this file.",
)
@click.option("--address", is_flag=True, help="Ask for an address, and answer for it alone.")
@pass_target
def who(
    target: Target, name: str, outcomes: Sequence[str], path: Path | None, address: bool
) -> None:
    """Show who did not get the mail of the alert ID, and why.

    People are named by the scrambled form of their address, and the reasons are the mail service's
    own words. This is kept for 30 days. With --address the command asks for an address, so that
    the history of your shell does not keep it, and says what became of its mail.
    """
    services = target.services
    alert_id = found_alert_id(services, name)
    if address:
        _answer_for_one(services, alert_id)
        return
    if path is not None:
        refuse_existing(path, force=False, remedy="Name another file.")
    missed = [
        each
        for each in controlling.missed(services, alert_id)
        if not outcomes or each.outcome in outcomes
    ]
    _show(missed)
    if not missed and alerts.get(services.petitions, alert_id).cursor is not None:
        console.note("Its recipients have not all been gathered: who is not yet, is not listed.")
    if path is not None:
        with atomic_write(path) as file:
            file.write(_csv(missed).encode())
        console.done(f"{path} holds all of them.")
    elif len(missed) > _SHOWN:
        console.hint("All of them: --csv FILE")


def _show(missed: Sequence[MissedRecipient]) -> None:
    if not missed:
        console.note("Nobody, as far as it is kept.")
        return
    counts = Counter((each.outcome, each.reason) for each in missed)
    console.bar_chart(
        [
            Bar(label=f"{outcome} {reason}".strip(), count=count, remark=OUTCOMES[outcome])
            for (outcome, reason), count in counts.most_common()
        ]
    )
    for each in missed[:_SHOWN]:
        reason = f"  {console.printable(each.reason)}" if each.reason else ""
        console.say(f"  {each.index}  {each.outcome}{reason}")
    if len(missed) > _SHOWN:
        console.say(f"  … and {len(missed) - _SHOWN:,} more")


def _csv(missed: Sequence[MissedRecipient]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("index", "outcome", "reason"))
    rows.writerows(_rows(missed))
    return text.getvalue()


def _rows(missed: Sequence[MissedRecipient]) -> Iterator[tuple[str, str, str]]:
    for each in missed:
        yield each.index, each.outcome, console.printable(each.reason)


def _answer_for_one(services: Services, alert_id: str) -> None:
    """Ask for an address and say what became of its mail. Raises CannotContinue if it is none."""
    typed: str = click.prompt("Address", err=True)
    try:
        known = email_address.parse_pasted(typed)
    except email_address.BadAddress as error:
        raise CannotContinue(error.reason.text) from error
    alert = alerts.get(services.petitions, alert_id)
    trace = tracing.trace(services, alert, known)
    if trace is None:
        more = "" if alert.cursor is None else " so far"
        console.note(f"The address is not among its recipients{more}, or that is deleted.")
    elif trace.outcome is None:
        console.note("The address is among its recipients. Its mail is still to come, or in doubt.")
    else:
        reason = f" ({console.printable(trace.reason)})" if trace.reason else ""
        console.say(f"{trace.outcome}: {OUTCOMES[trace.outcome]}{reason}")
