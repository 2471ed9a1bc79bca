"""`zaklik petition destroy`: deletes what is kept of a petition's people, and certifies it."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Final

import click
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.jobs import PARTS, Job, JobState
from chalicelib.domain.organisers.trail import Act
from chalicelib.usecases.destruction import asking, certifying
from chalicelib.usecases.destruction.asking import Forecast
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write, refuse_existing
from ops.cli import INTERRUPTED
from ops.commands import trail_lines
from ops.deploy.account import polls
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

PATIENCE_SECONDS: Final = 24 * 3600.0


@click.command()
@click.argument("slug")
@click.option(
    "--certificate",
    "out",
    type=click.Path(path_type=Path),
    help="The file to write when it is done, for example destroyed.json",
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and change nothing.")
@pass_target
def destroy(target: Target, slug: str, out: Path | None, dry_run: bool) -> None:
    """Delete for good what is kept of the signers and subscribers of the petition SLUG.

    Only after its end. First the salt goes by which addresses could be found in tables and in
    copies of them; then signatures, subscriptions and the files of exports. The petition's texts
    and totals stay. Nobody can bring anything back.

    Ctrl-C ends the waiting, not the destruction: type the same command to see it again. That also
    lets one go on that stands still.
    """
    if out:
        refuse_existing(out, force=False)
    services = target.services
    begun = asking.find(services, slug)
    if begun is None:
        forecast = asking.forecast(services, slug)
        _show(slug, forecast)
        if dry_run or not forecast.may_begin:
            return
        if click.prompt(f"Type {slug} to delete all this for good") != slug:
            raise CannotContinue("That is not the petition's name. Nothing was deleted.")
    else:
        asking.resume(services, begun)
    try:
        job = _await(services, begun or _start(services, slug))
    except KeyboardInterrupt as error:
        again = command(f"petition destroy {slug}")
        click.echo(f"\nIt goes on. To see how far it is: {again}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from error
    _certify(job, out)


def _start(services: Services, slug: str) -> Job:
    trail_lines.record(services, slug, Act.DESTROY)
    return asking.start(services, slug, by=OPERATOR)


def _show(slug: str, forecast: Forecast) -> None:
    """Say what would be deleted, and why that cannot begin."""
    console.say(f"Of “{slug}” this deletes for good:")
    console.say(f"  {console.counted(forecast.confirmed, 'confirmed signature')}")
    console.say(f"  {console.counted(forecast.held, 'held signature')}")
    if forecast.subscribers is None:
        console.say("  its subscribers, who are not counted yet")
    else:
        console.say(f"  {console.counted(forecast.subscribers, 'subscriber')}")
    console.say(f"  the files of {console.counted(forecast.exports, 'export')}")
    if not forecast.has_ended:
        console.note("It cannot begin yet: the petition has not ended.")
    if forecast.alerts_underway:
        alerts = console.counted(forecast.alerts_underway, "alert")
        console.note(f"It cannot begin yet: {alerts} underway.")
        console.hint(command("alert list"))


def _await(services: Services, job: Job) -> Job:
    """Show the progress of a destruction until it is done; its job."""
    with console.progress(TextColumn("Deleting"), BarColumn(), TimeRemainingColumn()) as display:
        task = display.add_task("", total=PARTS)
        for _ in polls(PATIENCE_SECONDS):
            latest = asking.get(services, job.slug, job.id)
            display.update(task, completed=latest.done_parts)
            if latest.state is JobState.DONE:
                return latest
    raise CannotContinue("It takes longer than a day. Its log is that of change-records.")


def _certify(job: Job, out: Path | None) -> None:
    """Say what was deleted, and write the certificate."""
    certificate = certifying.certificate_of(job)
    if certificate is None:
        raise CannotContinue("It has no certificate.")
    signatures = console.counted(job.counts.get("signatures", 0), "signature")
    subscriptions = console.counted(job.counts.get("subscriptions", 0), "subscription")
    console.done(f"{signatures} and {subscriptions} of “{job.slug}” are deleted for good.")
    if out:
        values = {
            "certificate": certificate.text,
            "attestation": b64encode(certificate.attestation).decode(),
        }
        with atomic_write(out, "w", encoding="utf-8") as file:
            file.write(json.dumps(values, ensure_ascii=False, indent=2) + "\n")
        console.done(f"{out} is its certificate, attested like an export.")
