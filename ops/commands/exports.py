"""`zaklik export`: the signatures of a petition in one file, still sealed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.crypto import petition_key_files
from chalicelib.store.keys import BUCKETS
from chalicelib.store.petitions import petitions
from chalicelib.usecases.exports import exporting
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write, refuse_existing
from ops.cli import FAILED
from ops.commands.signatures import show_damaged
from ops.errors import CannotContinue
from ops.keys import development_keys
from ops.target import Target, pass_target, state_folder
from ops.terminal import console
from ops.terminal.command_hint import command


@click.command()
@click.argument("slug")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, for example signatures.zaklik",
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@pass_target
def export(target: Target, slug: str, out: Path, force: bool) -> None:
    """Export the signatures of the petition SLUG, still sealed.

    The file holds the confirmed ones. Only the organisers' key opens it, so it may be sent and
    stored like any other. It appears when it is complete.
    """
    refuse_existing(out, force=force)
    services = target.services
    wrapped_keys = _find_petition_keys(services, slug)
    columns = (
        TextColumn("Exporting"),
        BarColumn(),
        TextColumn("{task.fields[count]:,} signatures"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as display, atomic_write(out) as file:
        task = display.add_task("", total=len(BUCKETS), count=0)
        exported = exporting.export(
            services,
            slug,
            file,
            petition_keys=wrapped_keys,
            progress=lambda bucket, count: display.update(task, completed=bucket, count=count),
        )
    console.done(f"{out} holds {console.counted(exported.count, 'signature')} of “{slug}”, sealed.")
    if exported.held:
        held = console.counted(exported.held, "signature")
        console.note(f"{held} held, so not in it: {command(f'signature held {slug}')}")
    if target.local:
        key = state_folder() / development_keys.ORGANISER_FILE
        console.hint(f"To open it: {command(f'unseal {out} --key {key} --out …')}")
    else:
        unseal_it = command(f"unseal {out} --key YOURS --out …")
        console.hint(f"On an organiser's machine: {unseal_it}")
    if exported.damaged:
        show_damaged(exported.damaged, exported.named)
        raise click.exceptions.Exit(FAILED)


def _find_petition_keys(services: Services, slug: str) -> Sequence[Mapping[str, Any]]:
    """The petition's keys, wrapped for its organisers, as an export holds them."""
    text = petitions.find_key_file(services.petitions, slug)
    if text is None:
        petitions.get(services.petitions, slug)
        raise CannotContinue(
            f"The service has no key file of “{slug}”, without which nobody could open its export. "
            f"Store it again: {command(f'petition publish petitions/{slug}')}"
        )
    return petition_key_files.to_values(petition_key_files.read(text))
