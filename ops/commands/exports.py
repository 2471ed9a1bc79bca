"""`zaklik export` and `zaklik unseal`: from the sealed table to the organisers' spreadsheet."""

from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

from chalicelib.store.keys import BUCKETS
from chalicelib.usecases.exports import exporting
from ops.atomic_write import atomic_write, refuse_existing
from ops.keys import organiser_keys, unsealing
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.passphrases import ask_passphrase


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
            progress=lambda bucket, count: display.update(task, completed=bucket, count=count),
        )
    console.done(f"{out} holds {console.counted(exported.count, 'signature')} of “{slug}”, sealed.")
    if exported.held:
        held = console.counted(exported.held, "signature")
        console.note(f"{held} held, so not in it: {command(f'signature held {slug}')}")
    unseal_it = command(f"unseal {out} --key organiser.key --out …")
    console.hint(f"On the organisers' machine: {unseal_it}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key_files",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="The organisers' key file. Give several if the petition's key was changed.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The spreadsheet file (CSV) to write.",
)
@click.option("--force", is_flag=True, help="Replace the spreadsheet if there is one.")
def unseal(file: Path, key_files: tuple[Path, ...], out: Path, force: bool) -> None:
    """Open the sealed export FILE and write a spreadsheet.

    Open it on a machine that the organisers trust; no network is needed. The command asks for the
    passphrase, or reads it from ZAKLIK_PASSPHRASE. The spreadsheet appears only if the export is
    whole and unaltered. Only you can read it (mode 0600).
    """
    refuse_existing(out, force=force)
    size = file.stat().st_size
    keys = []
    for key_file in key_files:
        text = organiser_keys.read_key_file(key_file)
        keys.append(organiser_keys.open_key(text, ask_passphrase(f"Passphrase of {key_file}")))
    columns = (
        TextColumn("Opening"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[count]:,} signatures"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as display:
        task = display.add_task("", total=size, count=0)
        opened = unsealing.unseal(
            file,
            keys,
            out,
            progress=lambda position, count: display.update(task, completed=position, count=count),
        )
    count = console.counted(opened.count, "signature")
    console.done(f"{out} holds {count} of “{opened.slug}”.")
    console.done("Their number and checksum agree with the export's manifest.")
    console.hint("This file names everybody who signed. Delete it when you are done with it.")
