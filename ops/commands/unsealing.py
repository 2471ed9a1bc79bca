"""`zaklik unseal`: opens a sealed export on an organiser's machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.crypto.verification_fields import merged
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.atomic_write import refuse_existing
from ops.cli import FAILED
from ops.errors import CannotContinue
from ops.keys import organiser_keys, wrapped_keys
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import BadExport, Header, SealedExport
from ops.keys.unsealing.spreadsheet import Unsealed
from ops.keys.unsealing.verification import Reason
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.passphrases import ask_passphrase

_REMEDIES: Final = {
    Reason.UNREADABLE: "The operator can restore it: docs/operating.md, “When something is wrong”.",
    Reason.OTHER_ATTESTER: (
        "If the petition's page shows a new key of the server, your key file learns it by\n"
        "`zaklik keys check`, once the petition was published again. Then try again."
    ),
    Reason.OTHER_KEY: (
        "If the petition had another key before, take the key file of an organiser who opens it,\n"
        "too: --key YOURS --key THEIRS."
    ),
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key_files",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your key file. Give several if no single one opens all keys of the petition.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The spreadsheet to write: XLSX if its name ends in .xlsx, else CSV.",
)
@click.option("--force", is_flag=True, help="Replace the spreadsheet and its report.")
@click.option(
    "--keep-going",
    is_flag=True,
    help="Open what can be read of an export that is cut off or damaged.",
)
def unseal(
    file: Path, key_files: tuple[Path, ...], out: Path, force: bool, keep_going: bool
) -> None:
    """Verify and open the sealed export FILE, and write a spreadsheet.

    Open it on a machine that the organisers trust; no network is needed. The command asks for the
    passphrase, or reads it from ZAKLIK_PASSPHRASE. The spreadsheet has the signatures that the
    service has attested; only you can read it (mode 0600). A line that is damaged or not attested
    is not in it, and is named in a second file, whose name ends in .report.csv. The exit code is 1
    then.

    An export that is cut off, altered or not attested as a whole is not opened. With --keep-going
    each of its signatures is verified by itself; the report then says how many are missing, if the
    end of the export can be read, but nothing says which ones. The exit code is 1.
    """
    refuse_existing(out, force=force)
    refuse_existing(spreadsheet.report_path(out), force=force)
    with file.open("rb") as compressed:
        export = SealedExport(compressed)
        keys, trusted = _open_keys(key_files, export.header)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[count]:,} signatures"),
            TimeRemainingColumn(),
        )
        with console.progress(*columns) as display:
            task = display.add_task("Verifying", total=file.stat().st_size, count=0)
            unsealed = spreadsheet.unseal(
                export,
                keys,
                trusted,
                out,
                keep_going=keep_going,
                progress=lambda position, count: display.update(
                    task,
                    description="Opening" if count else "Verifying",
                    completed=position,
                    count=count,
                ),
            )
    _show(out, export.header, unsealed)
    if unsealed.refused or unsealed.fault:
        raise click.exceptions.Exit(FAILED)


def _open_keys(
    key_files: Sequence[Path], header: Header
) -> tuple[Sequence[PrivateKey], VerificationKeys]:
    """The petition's keys that these files open, and the keys that they trust for this petition.

    Raises CannotContinue if there is none of either: an export cannot vouch for itself.
    """
    slug = header.slug
    keys: list[PrivateKey] = []
    trusted = VerificationKeys()
    for path in key_files:
        text = organiser_keys.read_key_file(path)
        key = organiser_keys.open_key(text, ask_passphrase(f"Passphrase of {path}"))
        try:
            keys += wrapped_keys.unwrap_all(header.petition_keys, key, slug)
        except NotAPetitionKey as error:
            raise BadExport(
                "The beginning of the export, with the petition's keys, has been altered or "
                "damaged. Copy the export again."
            ) from error
        trusted = merged(trusted, key.trusted.get(slug, VerificationKeys()))
    names = ", ".join(map(str, key_files))
    if not keys:
        raise CannotContinue(
            f"{names} does not open “{slug}”. An organiser whose key does can share it: "
            f"{command(f'keys share petitions/{slug} --key YOURS --with THEIRS')}. Then publish "
            "the petition, and make a new export: this one stays closed to that key."
        )
    if not (trusted.attestation and trusted.export):
        raise CannotContinue(
            f"{names} does not know yet by which keys signatures of “{slug}” are verified. It "
            f"learns them by {command(f'keys check petitions/{slug} --key {key_files[0]}')}."
        )
    return keys, trusted


def _show(out: Path, header: Header, unsealed: Unsealed) -> None:
    """Say what was verified, and what no verification can show."""
    count = console.counted(unsealed.count, "signature")
    console.done(f"{out} holds {count} of “{header.slug}”.")
    if unsealed.count:
        console.done(
            "Each was stored by the service in this petition, on the day that it names, and is "
            "unaltered since."
        )
    if unsealed.fault:
        console.fault(unsealed.fault)
        console.hint(
            f"{console.counted(unsealed.lines - 1, 'line')} could be read, and {unsealed.missing}. "
            "Nobody can say which ones, and nobody vouches for the day of the export."
        )
    else:
        console.done(
            f"The list is the one that was exported on {header.exported_at:%Y-%m-%d at %H:%M} UTC."
        )
    console.note(
        "This cannot show: signatures that somebody deleted or held back before the export, or put "
        "back after they were withdrawn; whether a person is who they say."
    )
    _show_findings(unsealed, spreadsheet.report_path(out))
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
    if unsealed.first or unsealed.missing:
        console.hint(f"{report} has all of this. It names no person.")
