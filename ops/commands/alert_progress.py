"""Shows how far the sending of an alert is: once, or live until it ends."""

from collections.abc import Iterator
from datetime import datetime
from time import sleep
from typing import Final

import click
from rich.progress import BarColumn, TextColumn

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.chunk import OUTCOMES, Outcome
from chalicelib.domain.alerts.pilot import PILOT_RECIPIENTS
from chalicelib.domain.errors import Unavailable
from chalicelib.usecases.alerts import controlling
from chalicelib.usecases.alerts.controlling import Progress
from chalicelib.wiring import Services
from ops.terminal import console
from ops.terminal.command_hint import command

_INTERRUPTED: Final = 130
_SECONDS_BETWEEN: Final = 2.0
_SECONDS_LEFT_OUT: Final = 5
"""An end that is nearer is not worth a line."""


def show(progress: Progress, now: datetime) -> None:
    """Print how far an alert is, and what to do if it does not go on by itself."""
    total = progress.outcomes.total() + progress.left
    if total:
        console.say(console.percentage(total - progress.left, total))
    for outcome, meaning in OUTCOMES.items():
        console.say(f"{progress.outcomes[outcome]:>10,}  {outcome:<10} {meaning}")
    more = "" if progress.alert.cursor is None else ", of those gathered so far"
    meaning = "being mailed, or in doubt" if progress.alert.is_cancelled else f"still to come{more}"
    console.say(f"{progress.left:>10,}  {'open':<10} {meaning}")
    _say_state(progress, now)
    _say_doubt(progress)


def _say_state(progress: Progress, now: datetime) -> None:
    alert = progress.alert
    if alert.state is AlertState.PAUSED:
        by_person = alert.reason == controlling.PAUSED_BY_PERSON
        console.note("Paused by a person." if by_person else f"Paused{_because(alert)}.")
        console.hint(f"To go on: {command(f'alert resume {alert.alert_id}')}")
        console.hint(f"To end it: {command(f'alert cancel {alert.alert_id}')}")
    elif alert.is_cancelled:
        console.note(f"Cancelled at {_time(alert.changed_at)}{_because(alert)}.")
    elif alert.state is AlertState.COMPLETE:
        console.done(_completed(alert))
    elif _is_through(progress):
        console.done("Everybody has an outcome. It counts as complete within a minute.")
    else:
        _say_what_it_waits_for(progress, now)


def _is_through(progress: Progress) -> bool:
    """Whether nobody is left to be mailed, though recovery has not completed the alert yet."""
    return progress.alert.cursor is None and not progress.left


def _say_what_it_waits_for(progress: Progress, now: datetime) -> None:
    if progress.stopped:
        console.note(f"Sending stands still: {progress.stopped}. It goes on by itself.")
    if pilot.is_awaited(progress.alert):
        console.note(
            f"The first {PILOT_RECIPIENTS:,} are sent first. The others follow when enough of "
            "these mails have arrived, after ten minutes at the latest."
        )
    elif progress.alert.cursor is not None:
        console.note("Subscribers are still being gathered, so the numbers will grow.")
    if progress.expected_end is None:
        if progress.left:
            console.note("Nobody can say when it is through: SES's daily quota leaves no room.")
    elif progress.left and (progress.expected_end - now).total_seconds() > _SECONDS_LEFT_OUT:
        console.note(f"At SES's rate it is through at {_time(progress.expected_end)}.")
    console.note("The sending goes on. What got stuck is tried again within minutes.")


def _say_doubt(progress: Progress) -> None:
    """Say what an organiser can do for those of whom nobody knows whether they were mailed."""
    alert_id = progress.alert.alert_id
    refused_or_doubtful = progress.outcomes[Outcome.REJECTED] + progress.outcomes[Outcome.DOUBTFUL]
    if progress.alert.is_cancelled:
        if refused_or_doubtful:
            console.hint(f"Who and why: {command(f'alert who {alert_id}')}")
    elif progress.in_doubt:
        console.note(
            f"Of {console.counted(progress.in_doubt, 'recipient')} it is not known yet whether "
            "they were mailed. That mostly shows within the hour. If it does not:"
        )
        console.hint(f"mail them again, some twice: {command(f'alert again {alert_id} --missed')}")
        console.hint(f"do not mail them: {command(f'alert skip {alert_id} --doubtful')}")
    elif refused_or_doubtful:
        console.hint(f"Who and why: {command(f'alert who {alert_id}')}")
        console.hint(f"To mail them again: {command(f'alert again {alert_id} --missed')}")


def _because(alert: Alert) -> str:
    return f": {console.printable(alert.reason)}" if alert.reason else ""


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _completed(alert: Alert) -> str:
    """That a sending is complete. One without recipients tells nothing of other subscribers."""
    if alert.recipient_count:
        return "Complete."
    if alert.kind is AlertKind.DIGEST:
        return "Complete: nobody gets this digest."
    return (
        "Complete: nobody gets it at once. Subscribers who chose weekly mail, if there are any, "
        "get it in the digest."
    )


def watch(services: Services, alert_id: str) -> None:
    """Show how far an alert is until it ends or is paused. Ctrl-C ends only the showing."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,}"),
        TextColumn("{task.fields[remark]}"),
    )
    try:
        with console.progress(*columns) as display:
            task = display.add_task("Sending", total=0, remark="")
            for progress in _until_it_ends(services, alert_id):
                total = progress.outcomes.total() + progress.left
                display.update(
                    task,
                    total=total,
                    completed=total - progress.left,
                    remark=_remark(progress, services.now()),
                )
    except KeyboardInterrupt as error:
        console.note("The sending goes on without this window.")
        console.hint(f"How far it is: {command(f'alert show {alert_id}')}")
        console.hint(f"To pause it: {command(f'alert pause {alert_id}')}")
        raise click.exceptions.Exit(_INTERRUPTED) from error
    show(progress, services.now())


def _until_it_ends(services: Services, alert_id: str) -> Iterator[Progress]:
    """The progress of an alert every two seconds, until nothing of it is to come."""
    while True:
        try:
            progress = controlling.show(services, alert_id)
        except Unavailable:
            # The next look may succeed.
            sleep(_SECONDS_BETWEEN)
            continue
        yield progress
        if not progress.alert.is_open or _is_through(progress):
            return
        sleep(_SECONDS_BETWEEN)


def _remark(progress: Progress, now: datetime) -> str:
    """What is worth knowing beside the bar."""
    if progress.stopped:
        return f"stands still: {progress.stopped}"
    if pilot.is_awaited(progress.alert):
        return "waits for the first mails to arrive"
    parts = ["gathering subscribers"] if progress.alert.cursor is not None else []
    if progress.per_second:
        parts.append(f"{progress.per_second:,.1f} a second")
    if progress.expected_end and progress.left:
        minutes = max(0, round((progress.expected_end - now).total_seconds() / 60))
        parts.append(f"about {console.counted(minutes, 'minute')} left")
    if progress.in_doubt:
        parts.append(f"{progress.in_doubt:,} in doubt")
    return ", ".join(parts)
