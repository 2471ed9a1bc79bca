"""`zaklik export` and `zaklik unseal`: from the sealed table to the organisers' spreadsheet."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

from chalicelib.crypto.attestation import PUBLIC_KEY_BYTES
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petition import VerificationKeys
from chalicelib.store.keys import BUCKETS
from chalicelib.usecases.exports import exporting
from chalicelib.usecases.exports.exporting import Export
from ops.atomic_write import atomic_write, refuse_existing
from ops.cli import FAILED
from ops.commands.keys import ask_passphrase
from ops.errors import CannotContinue
from ops.keys import organiser_keys, unsealing
from ops.keys.sealed_export import Header, SealedExport
from ops.keys.unsealing import Unsealed
from ops.keys.verification import Reason
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_REMEDIES: Final = {
    Reason.UNREADABLE: "The operator can restore damaged items from the table's backup.",
    Reason.OTHER_ATTESTER: (
        "If the service has a new key for signatures, take it from the petition's page, compare it "
        "by telephone, and add --attested-by KEY."
    ),
    Reason.OTHER_KEY: "If the petition had another key before, add its file: --key OLD --key NEW.",
}


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
    if exported.damaged:
        _show_damaged(exported)
        raise click.exceptions.Exit(FAILED)


def _verification_keys(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> tuple[bytes, ...]:
    """Public keys of the service, 32 bytes in base64; a usage error for anything else."""
    keys = []
    for value in values:
        try:
            keys.append(base64.b64decode(value, validate=True))
        except ValueError:
            keys.append(b"")
        if len(keys[-1]) != PUBLIC_KEY_BYTES:
            reason = f"“{value}” is no key of the service: it has 44 characters, the last is =."
            raise click.BadParameter(reason, ctx, param)
    return tuple(keys)


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
@click.option(
    "--attested-by",
    multiple=True,
    callback=_verification_keys,
    metavar="KEY",
    help="A key by which the service attests signatures, beside those in the key file.",
)
@click.option(
    "--exported-by",
    multiple=True,
    callback=_verification_keys,
    metavar="KEY",
    help="A key by which the service attests exports, beside those in the key file.",
)
@click.option("--force", is_flag=True, help="Replace the spreadsheet and its report.")
def unseal(
    file: Path,
    key_files: tuple[Path, ...],
    out: Path,
    attested_by: tuple[bytes, ...],
    exported_by: tuple[bytes, ...],
    force: bool,
) -> None:
    """Verify and open the sealed export FILE, and write a spreadsheet.

    Open it on a machine that the organisers trust; no network is needed. The command asks for the
    passphrase, or reads it from ZAKLIK_PASSPHRASE. The spreadsheet has the signatures that the
    service has attested; only you can read it (mode 0600). A line that is damaged or not attested
    is not in it, and is named in a second file, whose name ends in .report.csv. The exit code is 1
    then.
    """
    refuse_existing(out, force=force)
    refuse_existing(unsealing.report_path(out), force=force)
    with file.open("rb") as compressed:
        export = SealedExport(compressed)
        keys = _open_keys(key_files)
        trusted = VerificationKeys(attestation=attested_by, export=exported_by)
        _refuse_without_trust(trusted, export.header.slug)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[count]:,} signatures"),
            TimeRemainingColumn(),
        )
        with console.progress(*columns) as display:
            task = display.add_task("Verifying", total=file.stat().st_size, count=0)
            unsealed = unsealing.unseal(
                export,
                keys,
                trusted,
                out,
                progress=lambda position, count: display.update(
                    task,
                    description="Opening" if count else "Verifying",
                    completed=position,
                    count=count,
                ),
            )
    _show(out, export.header, unsealed)
    if unsealed.refused:
        raise click.exceptions.Exit(FAILED)


def _open_keys(key_files: Sequence[Path]) -> Sequence[PrivateKey]:
    """The private keys of key files, each opened by its passphrase."""
    keys = []
    for key_file in key_files:
        text = organiser_keys.read_key_file(key_file)
        keys.append(organiser_keys.open_key(text, ask_passphrase(f"Passphrase of {key_file}")))
    return keys


def _refuse_without_trust(trusted: VerificationKeys, slug: str) -> None:
    """Raise CannotContinue without a key of each kind: the file itself cannot vouch for one."""
    if not (trusted.attestation and trusted.export):
        raise CannotContinue(
            f"No keys are known by which signatures of “{slug}” are verified. Take them from the "
            "petition's page, compare them with the operator by telephone, and add --attested-by "
            "KEY and --exported-by KEY."
        )


def _show(out: Path, header: Header, unsealed: Unsealed) -> None:
    """Say what was verified, and what no verification can show."""
    count = console.counted(unsealed.count, "signature")
    console.done(f"{out} holds {count} of “{header.slug}”.")
    if unsealed.count:
        console.done(
            "Each was stored by the service in this petition, on the day that it names, and is "
            "unaltered since."
        )
    console.done(
        f"The list is the one that was exported on {header.exported_at:%Y-%m-%d at %H:%M} UTC."
    )
    console.note(
        "This cannot show: signatures that somebody deleted or held back before the export, or put "
        "back after they were withdrawn; whether a person is who they say."
    )
    _show_findings(unsealed, unsealing.report_path(out))
    console.hint("The spreadsheet names everybody who signed. Delete it when you are done with it.")


def _show_findings(unsealed: Unsealed, report: Path) -> None:
    """Name the lines that are refused, and the doubles, which are not."""
    for reason in Reason:
        count = unsealed.findings[reason]
        if count and reason is Reason.DOUBLE:
            console.note(f"{console.counted(count, 'signature')} {reason}.")
        elif count:
            console.fault(f"{console.counted(count, 'line')} left out: {reason}.")
            console.hint(_REMEDIES.get(reason, ""))
    for finding in unsealed.first:
        place = f"row {finding.row}" if finding.row else f"line {finding.line}"
        console.say(f"  {place}, {console.printable(finding.index)}: {finding.reason}")
    if unsealed.first:
        console.hint(f"{report} has all of them. It names no person.")


def _show_damaged(exported: Export) -> None:
    """Name the items that the export could not read."""
    items = console.counted(exported.damaged, "item")
    console.fault(
        f"{items} of the table cannot be read as a signature, so not in it: damaged, or written by "
        "somebody else than the service. The file names all of them."
    )
    for index in exported.named:
        console.say(f"  {console.printable(index)}")
    if exported.damaged > len(exported.named):
        console.say(f"  … and {exported.damaged - len(exported.named):,} more")
    console.hint(_REMEDIES[Reason.UNREADABLE])
