"""`zaklik export` and `zaklik unseal`: from the sealed table to the organisers' spreadsheet."""

from pathlib import Path

import click

from ops.commands.keys import ask_passphrase
from ops.target import Stage
from ops.terminal import console
from ops.terminal.command_hint import command


@click.command(short_help="Write a petition's signatures to a file, still sealed.")
@click.argument("slug")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, for example signatures.zaklik",
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.pass_obj
def export(stage: Stage, slug: str, out: Path, force: bool) -> None:
    """Write the confirmed signatures of the petition SLUG to a file, still sealed.

    Nobody can read it without the organisers' key: it may be sent and stored like any file. The
    file appears when it is complete.
    """
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from chalicelib.store import keys  # noqa: PLC0415
    from chalicelib.usecases.exports import exporting  # noqa: PLC0415
    from ops.atomic_write import refuse_existing, replacing  # noqa: PLC0415

    refuse_existing(out, force=force)
    services = stage.services
    columns = (
        TextColumn("Exporting"),
        BarColumn(),
        TextColumn("{task.fields[count]:,} signatures"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as shown, replacing(out) as file:
        task = shown.add_task("", total=len(keys.BUCKETS), count=0)
        made = exporting.export(
            services,
            slug,
            file,
            progress=lambda bucket, count: shown.update(task, completed=bucket, count=count),
        )
    console.done(f"{out} holds {console.counted(made.count, 'signature')} of “{slug}”, sealed.")
    if made.held:
        look = command(f"signature held {slug}", local=stage.local)
        console.note(f"{console.counted(made.held, 'signature')} held, so not in it: {look}")
    unseal_it = command(f"unseal {out} --key organiser.key --out …")
    console.hint(f"On the organisers' machine: {unseal_it}")


@click.command(short_help="Open an export with the organisers' key: a spreadsheet.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key_files",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="The organisers' key file; several, if the petition's key was changed.",
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

    Works without network, and should be done on a machine that the organisers trust. The passphrase
    is asked for, or read from ZAKLIK_PASSPHRASE. The spreadsheet appears only if the export is
    whole and unaltered; only you can read it (mode 0600).
    """
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from ops.atomic_write import refuse_existing  # noqa: PLC0415
    from ops.keys import organiser_keys, unsealing  # noqa: PLC0415

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
    with console.progress(*columns) as shown:
        task = shown.add_task("", total=size, count=0)
        opened = unsealing.unseal(
            file,
            keys,
            out,
            progress=lambda position, count: shown.update(task, completed=position, count=count),
        )
    count = console.counted(opened.count, "signature")
    console.done(f"{out} holds {count} of “{opened.slug}”.")
    console.done("Their number and checksum agree with the export's manifest.")
    console.hint("This file names everybody who signed. Delete it when you are done with it.")
