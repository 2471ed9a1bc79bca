"""`zaklik hand-in`: the report with which a petition is handed in to its target."""

import hashlib
from pathlib import Path

import click

from chalicelib.domain.petitions.hand_in import HandIn
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import hand_in_report, urls
from chalicelib.usecases.petitions import handing_in
from ops.atomic_write import atomic_write, refuse_existing
from ops.content import hand_in_pdf
from ops.content.signer_names import read_names
from ops.errors import CannotContinue
from ops.keys.unsealing.sealed_export import SealedExport
from ops.target import Target, pass_target
from ops.terminal import console


@click.command("hand-in")
@click.argument("slug")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The PDF to write.",
)
@click.option("--language", default="", help="A language of the petition; its first by default.")
@click.option(
    "--names",
    "names_file",
    type=click.Path(path_type=Path),
    help="Name everybody who signed: the CSV that `zaklik unseal` has written.",
)
@click.option(
    "--export",
    "export_file",
    type=click.Path(path_type=Path),
    help="Tell the digest of this export, so that others can recognise it.",
)
@click.option("--force", is_flag=True, help="Replace the PDF.")
@pass_target
def hand_in(
    target: Target,
    slug: str,
    *,
    out: Path,
    language: str,
    names_file: Path | None,
    export_file: Path | None,
    force: bool,
) -> None:
    """Write a report on the signatures of the petition SLUG for its target, as a PDF.

    It has the exact figures of this moment, by country and by day, says how signatures were
    collected and how others can check it, and names nobody unless --names is given. Names are read
    on this machine and sent nowhere. Screen readers can read the PDF (PDF/UA-1).
    """
    refuse_existing(out, force=force)
    prepared = handing_in.prepare(
        target.services,
        slug,
        names=read_names(names_file) if names_file else (),
        export_sha256=_digest(export_file, slug) if export_file else "",
    )
    code = _language(prepared.petition, language)
    address = target.services.settings.public_url + urls.petition(code, slug)
    report = hand_in_report.report(prepared, code, address)
    document = hand_in_pdf.pdf(report, made_at=prepared.figures.counted_at)
    with atomic_write(out) as file:
        file.write(document)
    _show(out, prepared)


def _language(petition: Petition, wanted: str) -> str:
    """The language of the report. Raises CannotContinue if the petition has no such text."""
    if wanted and wanted not in petition.languages:
        raise CannotContinue(
            f"“{petition.slug}” has no text in “{wanted}”. Choose among: "
            f"{', '.join(petition.languages)}."
        )
    return petition.language(wanted)


def _show(out: Path, prepared: HandIn) -> None:
    count, names = prepared.figures.count, len(prepared.names)
    signatures = console.counted(count, "signature")
    console.done(f"{out} reports on {signatures} of “{prepared.petition.slug}”.")
    if not names:
        console.note("It names nobody who has signed.")
    elif names == count:
        console.note("It names everybody who has signed. Hand it only to whom you trust with that.")
    else:
        console.note(
            f"It has {console.counted(names, 'name')}: signatures have come or gone since the list "
            "was exported, or some could not be opened. Hand it only to whom you trust with that."
        )


def _digest(path: Path, slug: str) -> str:
    """The SHA-256 of an export of this petition. Raises BadExport, CannotContinue, OSError."""
    with path.open("rb") as file:
        exported = SealedExport(file).header.slug
        if exported != slug:
            raise CannotContinue(f"{path} is an export of “{exported}”, not of “{slug}”.")
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()
