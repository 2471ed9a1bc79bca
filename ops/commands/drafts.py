"""`zaklik petition draft` and `fetch`: the folder of a petition, into its draft and out of it."""

from pathlib import Path
from typing import Final

import click

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.petition import RESERVED_SLUGS, SLUG
from chalicelib.usecases.petitions import drafting, folders, update_folders
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write
from ops.commands import trail_lines
from ops.content import petition_key_file, petition_loader
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_UPLOADED: Final = "Uploaded by the command"


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@pass_target
def draft(target: Target, path: Path) -> None:
    """Store the petition in the folder PATH, and its updates, as drafts at the desk.

    Nothing is published, and an update that is published stays as it is. Drafts may be incomplete
    or wrong, but each file must be readable. What a draft said before stays among its versions.
    Notes in petition.toml and update.toml are not kept there.
    """
    slug = petition_key_file.slug_of(path)
    services = target.services
    updates = {
        folder.name: petition_loader.read_update_source(folder)
        for folder in petition_loader.update_folders(path)
    }
    trail_lines.record(services, slug, Act.UPLOAD_DRAFT)
    number = save_draft(services, path, note=_UPLOADED)
    stored = update_folders.list_sources(services, slug)
    taken = update_folders.take(services, slug, updates, stored=stored, by=OPERATOR, note=_UPLOADED)
    console.done(f"The draft of “{slug}” is version {number}.")
    if taken.drafted:
        console.done(f"These updates are drafts: {', '.join(taken.drafted)}.")
    for name in taken.kept:
        console.note(
            f"The update “{name}” is published, and stays as it is. The folder says something "
            f"else; to amend it: {command(f'update publish {path}/updates/{name}')}"
        )
    console.hint(f"To bring it back: {command(f'petition fetch {slug} --draft FOLDER')}")


@click.command()
@click.argument("slug")
@click.option(
    "--draft",
    "path",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="Write the newest version of the draft into this folder, which has none of its files.",
)
@pass_target
def fetch(target: Target, slug: str, path: Path) -> None:
    """Bring the drafts of the petition SLUG and its updates into a folder, as files.

    They are the files that the commands read.
    """
    found = drafting.find_draft(target.services, slug) if _is_slug(slug) else None
    if found is None:
        raise CannotContinue(f"There is no draft of “{slug}”.")
    files = folders.files_of(target.services, found)
    existing = [path / name for name in files if (path / name).exists()]
    if existing:
        raise CannotContinue(f"{existing[0]} is there already. Name a new folder.")
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path / name) as file:
            file.write(content)
    console.done(f"{path} is version {found.version.number} of the draft of “{slug}”.")
    if path.resolve().name != slug:
        console.note(f"To check or publish it, its folder must be called “{slug}”.")


def save_draft(services: Services, path: Path, *, note: str) -> int:
    """Store what a folder says as the next version of its draft; the number of that version.

    Raises NotReady for a file that cannot be read, Unavailable.
    """
    source, picture = petition_loader.read_source(path)
    saved = drafting.replace_all(services, source, picture=picture, by=OPERATOR, note=note)
    return saved.version.number


def save_update_draft(services: Services, path: Path, *, note: str) -> None:
    """Store what the folder of an update says as the next version of its draft.

    Raises NotReady for a file that cannot be read, Unavailable.
    """
    source = petition_loader.read_update_source(path)
    update_folders.save(services, source, by=OPERATOR, note=note)


def _is_slug(slug: str) -> bool:
    return bool(SLUG.fullmatch(slug)) and slug not in RESERVED_SLUGS
