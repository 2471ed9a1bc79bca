"""`zaklik petition …`: check and publish petitions."""

from pathlib import Path

import click

from ops import console
from ops.errors import CannotContinue, NotReady
from ops.stage import Stage


@click.group()
def petition() -> None:
    """Check and publish petitions."""


@petition.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Be as strict as for real signatures.")
def check(path: Path, live: bool) -> None:
    """Say all that is to correct in the folder PATH, each with file, line and remedy.

    Nothing is sent anywhere. With --live, the development key and a placeholder for the organiser
    are problems too. Updates in PATH/updates are checked as well.
    """
    from ops import reading  # noqa: PLC0415

    problems = list(reading.check_petition(path, live=live))
    updates = [file.parent for file in sorted(path.glob(f"updates/*/{reading.UPDATE_FILE}"))]
    for update in updates:
        problems += reading.check_update(update)
    if problems:
        raise NotReady(problems)
    console.done(f"{path} is ready{' for real signatures' if live else ''}.")
    if updates:
        console.done(f"Its updates are ready too: {', '.join(each.name for each in updates)}.")
    if not live:
        console.hint(f"Before real signatures are collected: zaklik petition check --live {path}")


@petition.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--new-key", is_flag=True, help="Change the key of a petition that is published already."
)
@click.pass_obj
def publish(stage: Stage, path: Path, new_key: bool) -> None:
    """Put the petition in the folder PATH online, as its next version.

    It is checked first, as with `check --live`; with --local, as with `check`. Publishing the same
    text again changes nothing.
    """
    from chalicelib import links  # noqa: PLC0415
    from chalicelib.usecases import publishing  # noqa: PLC0415
    from ops import reading  # noqa: PLC0415

    read = reading.read_petition(
        path, development_key=stage.development_key(), live=not stage.local
    )
    services = stage.services
    if not new_key:
        _refuse_other_key(stage, read.slug, read.public_key)
    published = publishing.publish_petition(services, read)
    console.done(f"“{published.slug}” is online in version {published.version}.")
    for language in published.languages:
        console.hint(services.settings.public_url + links.petition(language, published.slug))


def _refuse_other_key(stage: Stage, slug: str, public_key: bytes) -> None:
    """What is sealed already stays sealed to the key of its day: a change must be meant."""
    from chalicelib.domain.errors import NotFound  # noqa: PLC0415
    from chalicelib.store import petitions  # noqa: PLC0415

    try:
        current = petitions.get(stage.services.desk, slug)
    except NotFound:
        return
    if current.public_key != public_key:
        raise CannotContinue(
            f"“{slug}” is online with another public_key. Signatures so far can be opened with the "
            "old key only: keep it. To change the key from now on, add --new-key; to unseal later, "
            "give both keys."
        )
