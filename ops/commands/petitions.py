"""`zaklik petition …`: check and publish petitions, and say where they stand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ops.commands.status import status
from ops.errors import CannotContinue, NotReady
from ops.target import Stage
from ops.terminal import console
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from chalicelib.domain.petition import Petition

_MOST_HOURS: Final = 7 * 24


@click.group()
def petition() -> None:
    """Check and publish petitions, and say where they stand."""


petition.add_command(status)


@petition.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Be as strict as for real signatures.")
def check(path: Path, live: bool) -> None:
    """Say all that is to correct in the folder PATH, each with file, line and remedy.

    Nothing is sent anywhere. With --live, the development key, a placeholder for the organiser
    and a last day that has passed are problems too. Updates in PATH/updates are checked as well.
    """
    from ops.content import petition_loader  # noqa: PLC0415

    understood, found = petition_loader.check_petition(path, live_on=_today() if live else None)
    problems = list(found)
    updates = [
        file.parent for file in sorted(path.glob(f"updates/*/{petition_loader.UPDATE_FILE}"))
    ]
    for update in updates:
        problems += petition_loader.check_update(update)
    if understood is not None:
        _show(understood)
    if problems:
        raise NotReady(problems)
    console.done(f"{path} is ready{' for real signatures' if live else ''}.")
    if updates:
        console.done(f"Its updates are ready too: {', '.join(each.name for each in updates)}.")
    if not live:
        strict = command(f"petition check --live {path}")
        console.hint(f"Before real signatures are collected: {strict}")


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
    from chalicelib.rendering import urls  # noqa: PLC0415
    from chalicelib.usecases.petitions import publishing  # noqa: PLC0415
    from ops.content import petition_loader, preview_images  # noqa: PLC0415

    read = petition_loader.read_petition(
        path,
        development_key=stage.development_key(),
        live_on=None if stage.local else _today(),
    )
    services = stage.services
    current = _find(stage, read.slug)
    if current is not None and not new_key:
        _refuse_other_key(current, read.public_key)
    published = publishing.publish_petition(services, read)
    drawn = publishing.publish_preview_images(
        services, published.slug, preview_images.draw_all(published)
    )
    if current is not None and published.version == current.version:
        console.note(f"Nothing has changed: version {current.version} is online.")
    else:
        console.done(f"“{published.slug}” is online in version {published.version}.")
    if drawn:
        console.note(f"Pictures for shared links are drawn anew: {', '.join(drawn)}.")
    for language in published.languages:
        console.hint(services.settings.public_url + urls.petition(language, published.slug))


@petition.command()
@click.argument("slug")
@click.option(
    "--hours", type=click.IntRange(1, _MOST_HOURS), help="Ask for so many hours from now on."
)
@click.option("--off", is_flag=True, help="Ask no longer.")
@click.pass_obj
def guard(stage: Stage, slug: str, hours: int | None, off: bool) -> None:
    """Ask for a proof of work with every form of the petition SLUG.

    The service does so by itself when too many forms come; this is for when you know better.
    Browsers do the sum by themselves, in seconds; people whose browser cannot are mailed some
    minutes later. A longer time that was asked for before is not cut short: use --off first.
    """
    from chalicelib.domain.errors import NotFound  # noqa: PLC0415
    from chalicelib.usecases import pressure  # noqa: PLC0415

    if off == (hours is not None):
        raise CannotContinue("Say for how long, with --hours 3, or --off.")
    services = stage.services
    try:
        if hours is None:
            pressure.stop_requiring_proofs(services, slug)
            console.done(f"Forms of “{slug}” need no proof of work.")
            console.hint("If forms still come too fast, the clock asks again within a minute.")
            return
        until = services.now() + timedelta(hours=hours)
        pressure.require_proofs(services, slug, until=until)
    except NotFound:
        raise CannotContinue(f"There is no petition “{slug}” online.") from None
    console.done(f"Every form of “{slug}” needs a proof of work until {until:%Y-%m-%d %H:%M} UTC.")
    end_it = command(f"petition guard {slug} --off", local=stage.local)
    console.hint(f"To end it before: {end_it}")


def _today() -> date:
    return datetime.now(UTC).date()


def _show(understood: "Petition") -> None:
    """What was read, so that a writer sees a demand that was taken for something else."""
    for language, text in understood.texts.items():
        demands = console.counted(len(text.demands), "demand")
        heading = text.background_heading
        background = f"background “{heading}”" if heading else "no background"
        console.say(f"{language}: {demands}, {background}")
    if date.min not in (understood.opens_on, understood.closes_on):
        console.say(f"open {understood.opens_on} to {understood.closes_on}")


def _find(stage: Stage, slug: str) -> "Petition | None":
    """The petition that is online under this name, if there is one."""
    from chalicelib.domain.errors import NotFound  # noqa: PLC0415
    from chalicelib.store import petitions  # noqa: PLC0415

    try:
        return petitions.get(stage.services.petitions, slug)
    except NotFound:
        return None


def _refuse_other_key(current: "Petition", public_key: bytes) -> None:
    """What is sealed already stays sealed to the key of its day: a change must be meant."""
    if current.public_key != public_key:
        raise CannotContinue(
            f"“{current.slug}” is online with another public_key. Signatures so far can be "
            "opened with the old key only: keep it. To change the key from now on, add --new-key; "
            "to unseal later, give both keys."
        )
