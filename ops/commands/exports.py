"""`zaklik export`: starts an export, waits for it, and fetches its file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.jobs import PARTS, Job, JobState
from chalicelib.domain.organisers.trail import Act
from chalicelib.usecases.exports import approving, fetching, ordering
from chalicelib.usecases.exports.fetching import FileGone
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write, refuse_existing
from ops.cli import FAILED, INTERRUPTED
from ops.commands import trail_lines
from ops.commands.signatures import show_damaged
from ops.deploy.account import polls
from ops.errors import CannotContinue
from ops.keys import development_keys
from ops.target import Target, pass_target, state_folder
from ops.terminal import console
from ops.terminal.command_hint import command

PATIENCE_SECONDS: Final = 24 * 3600.0


@click.command()
@click.argument("slug")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, for example signatures.zaklik",
)
@click.option("--job", "job_id", default="", help="Fetch this export instead of a new one.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@pass_target
def export(target: Target, slug: str, out: Path, job_id: str, force: bool) -> None:
    """Export the signatures of the petition SLUG, still sealed.

    The file holds the confirmed ones. Only the organisers' key opens it, so it may be sent and
    stored like any other. It appears when it is complete.

    The service makes it. Ctrl-C ends the waiting, not the export: --job fetches it later, for a
    week.
    """
    refuse_existing(out, force=force)
    if not out.parent.is_dir():
        raise CannotContinue(f"There is no folder {out.parent}.")
    services = target.services
    job = _find(services, slug, job_id) if job_id else _start(services, slug)
    later = command(f"export {slug} --out {out} --job {job.id}")
    if job.is_open and not approving.may_begin(services, job):
        console.note("A second organiser must approve it first, at the desk.")
        console.hint(f"Afterwards: {later}")
        return
    try:
        job = _await(services, job)
        _check(job)
        # Before it is done: who is interrupted has perhaps seen it all.
        trail_lines.record(services, slug, Act.FETCH_EXPORT, job.id)
        with atomic_write(out) as file:
            for chunk in fetching.chunks_of(services, job):
                file.write(chunk)
    except FileGone as error:
        raise CannotContinue("The file was deleted after a week. Start another export.") from error
    except KeyboardInterrupt as error:
        click.echo(f"\nThe export goes on. To fetch it later: {later}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from error
    _show(target, out, job)


def _find(services: Services, slug: str, job_id: str) -> Job:
    """An export, which goes on if its message was lost. Raises NotFound, Unavailable."""
    job = ordering.get(services, slug, job_id)
    ordering.resume(services, job)
    return job


def _start(services: Services, slug: str) -> Job:
    job = ordering.start(services, slug, by=OPERATOR)
    trail_lines.record(services, slug, Act.EXPORT, job.id)
    return job


def _await(services: Services, job: Job) -> Job:
    """Show the progress of an export until it has ended; its job."""
    columns = (
        TextColumn("Exporting"),
        BarColumn(),
        TextColumn("{task.fields[count]:,} signatures"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as display:
        task = display.add_task("", total=PARTS, count=0)
        for latest in _changes_of(services, job):
            count = latest.counts.get("signatures", 0)
            display.update(task, completed=latest.done_parts, count=count)
            if not latest.is_open:
                return latest
    raise CannotContinue("The export takes longer than a day. Its log is that of run-export.")


def _changes_of(services: Services, job: Job) -> Iterator[Job]:
    """The job as it is, again and again."""
    for _ in polls(PATIENCE_SECONDS):
        yield ordering.get(services, job.slug, job.id)


def _check(job: Job) -> None:
    """Raise CannotContinue unless the export has a file."""
    if job.state is JobState.CANCELLED:
        raise CannotContinue("Somebody has ended this export. Start another one.")
    if job.state is not JobState.DONE:
        raise CannotContinue(f"There is no file. {job.detail}")


def _show(target: Target, out: Path, job: Job) -> None:
    """Say what the file holds, and what is not in it."""
    count = console.counted(job.counts["signatures"], "signature")
    console.done(f"{out} holds {count} of “{job.slug}”, sealed.")
    if job.counts["held"]:
        held = console.counted(job.counts["held"], "signature")
        console.note(f"{held} held, so not in it: {command(f'signature held {job.slug}')}")
    if target.local:
        key = state_folder() / development_keys.ORGANISER_FILE
        console.hint(f"To open it: {command(f'unseal {out} --key {key} --out …')}")
    else:
        unseal_it = command(f"unseal {out} --key YOURS --out …")
        console.hint(f"On an organiser's machine: {unseal_it}")
    if job.counts["damaged"]:
        show_damaged(job.counts["damaged"], fetching.damaged_in(job))
        raise click.exceptions.Exit(FAILED)
