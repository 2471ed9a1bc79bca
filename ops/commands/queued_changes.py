"""Changes that a command has queued, until the function `change_records` has made them."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.signature_filter import SignatureRevision
from chalicelib.usecases.signatures import moderating
from chalicelib.wiring import Services
from ops.deploy.account import polls
from ops.terminal import console
from ops.terminal.command_hint import command

PATIENCE_SECONDS: Final = 60.0
"""How long a command waits for the next of many changes."""
WAIT_SECONDS: Final = 120.0
"""How long a command waits for a few changes; mostly they take seconds."""
_READ_AT_ONCE: Final = 100


def await_signatures(
    services: Services, selected: Sequence[SignatureRevision], participle: str
) -> None:
    """Show how many signatures have been changed ("held", "released"), as long as more are."""
    columns = (
        TextColumn(f"To be {participle}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,}"),
        TimeRemainingColumn(),
    )
    changed = waiting = 0
    with console.progress(*columns) as display:
        task = display.add_task("", total=len(selected))
        for start in range(0, len(selected), _READ_AT_ONCE):
            group = selected[start : start + _READ_AT_ONCE]
            waiting, changed_in_group = _await_group(services, group)
            changed += changed_in_group
            display.update(task, completed=start + len(group) - waiting)
            if waiting:
                break
    signatures = console.counted(changed, "signature")
    if not waiting:
        console.done(f"{signatures} {participle}.")
        return
    console.note(f"{signatures} of {len(selected):,} {participle} by now. The others are queued.")
    slug = selected[0].slug
    console.hint(f"Look again in some minutes: {command(f'signature held {slug}')}")


def _await_group(services: Services, group: Sequence[SignatureRevision]) -> tuple[int, int]:
    """How many of a group wait when none has changed for a while, and how many were changed."""
    waiting, changed = moderating.progress_of(services, group)
    patience = polls(PATIENCE_SECONDS)
    while waiting and next(patience, None) is not None:
        before = len(waiting)
        waiting, changed = moderating.progress_of(services, group)
        if len(waiting) < before:
            patience = polls(PATIENCE_SECONDS)
    return len(waiting), changed


def await_data_request(is_done: Callable[[], bool]) -> bool:
    """Whether a data request is done within WAIT_SECONDS; says so if it is not."""
    for _ in polls(WAIT_SECONDS):
        if is_done():
            return True
    console.note("It is queued, and not done yet.")
    console.hint(f"Look again in some minutes: {command('person show')}")
    return False
