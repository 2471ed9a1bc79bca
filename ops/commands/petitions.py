"""`zaklik petition …`: check and publish petitions, and require a proof of work of their forms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

import click

from chalicelib.crypto import petition_key_files, petition_keys
from chalicelib.crypto.verification_fields import merged
from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.petition import Petition, VerificationKeys
from chalicelib.rendering import urls
from chalicelib.store.petitions import petitions
from chalicelib.usecases import pressure
from chalicelib.usecases.petitions import publishing
from ops.commands import amendments, trail_lines
from ops.commands.destruction import destroy
from ops.commands.drafts import draft, fetch, save_draft
from ops.commands.petition_keys import show_current
from ops.commands.status import status
from ops.commands.updates import show_ready
from ops.content import example_texts, petition_key_file, petition_loader, preview_images
from ops.content.pictures import files as picture_files
from ops.errors import CannotContinue, NotReady
from ops.keys import development_keys
from ops.target import Target, pass_target, state_folder
from ops.terminal import console
from ops.terminal.command_hint import command

_MAX_HOURS: Final = 7 * 24
_PROOF: Final = "proof"


@click.group()
def petition() -> None:
    """Check and publish petitions, and count their signatures."""


petition.add_command(status)
petition.add_command(draft)
petition.add_command(destroy)
petition.add_command(fetch)


@petition.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Be as strict as for real signatures.")
def check(path: Path, live: bool) -> None:
    """Check the petition in the folder PATH and its updates.

    Each problem is named with its file, its line and a remedy. Nothing is sent anywhere. With
    --live, a missing key, a placeholder for the organiser and a last day that has passed, with no
    outcome told, are problems. Texts that still say what the example petition says are named.
    """
    readable, problems = petition_loader.check_petition(path, live_on=_today() if live else None)
    updates = petition_loader.update_folders(path)
    problems = [*problems, *chain.from_iterable(map(petition_loader.check_update, updates))]
    if readable is not None:
        _show(readable, path)
    _show_examples(path)
    if problems:
        raise NotReady(problems)
    console.done(f"{path} is ready{' for real signatures' if live else ''}.")
    if (path / petition_key_file.FILE).exists():
        show_current(petition_key_file.read(path).keys, path)
    show_ready([petition_loader.read_update(folder) for folder in updates])
    if not live:
        strict = command(f"petition check --live {path}")
        console.hint(f"Before real signatures are collected: {strict}")


@petition.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--amend", metavar="WHY", help="What is asked changes, and why.")
@click.option("--correct", metavar="WHY", help="Only a slip of the pen is corrected, and which.")
@click.option(
    "--reason",
    "translations",
    type=(str, str),
    multiple=True,
    metavar="LANGUAGE WHY",
    help="The same in one more language of the petition, such as: --reason be “…”",
)
@pass_target
def publish(
    target: Target,
    path: Path,
    amend: str | None,
    correct: str | None,
    translations: Sequence[tuple[str, str]],
) -> None:
    """Put the petition in the folder PATH online, as its next version.

    The command checks it first, as `check --live` does; with --local, as `check` does, and seals
    signatures to a development key of this machine. Publishing the same text again changes nothing.

    Once anybody has filled in a form, the text changes only with --amend or --correct, which say
    why in the petition's first language. The petition's page then shows the day, the reason and
    both texts. Without either, the command shows what would change and publishes nothing.
    """
    slug = petition_key_file.slug_of(path)
    development = target.development_keys(slug)
    wanted = petition_loader.read_petition(
        path,
        development_key=development.current.public_key if development else None,
        live_on=None if target.local else _today(),
    )
    request = amendments.request_of(wanted, amend, correct, translations)
    current = petitions.find_as_stored(target.services.petitions, slug)
    amendments.show_changes(target.services, current, wanted, request, path)
    verification = publishing.verification_keys(target.services)
    if development:
        key_file = development_keys.published_text(state_folder(), development, verification)
    else:
        key_file = _prepare_key_file(target, path, verification)
    picture = picture_files.content_of(path)
    trail_lines.record(target.services, slug, Act.PUBLISH, request.kind if request else "")
    published = amendments.publish(
        target.services, wanted, key_file, request, path, picture=picture
    )
    if current is not None and published.version == current.version:
        console.note(f"Nothing has changed: version {current.version} is online.")
    else:
        console.done(f"“{slug}” is online in version {published.version}.")
        amendments.show_made(target.services, published, request)
    save_draft(target.services, path, note="Published by the command")
    _show_keys_and_pages(target, path, published, key_file, picture)


@petition.command()
@click.argument("slug")
@click.option("--hours", type=click.IntRange(1, _MAX_HOURS), help="For so many hours from now on.")
@click.option("--off", is_flag=True, help="Require it no longer.")
@pass_target
def guard(target: Target, slug: str, hours: int | None, off: bool) -> None:
    """Require a proof of work with every form of the petition SLUG.

    The service does so by itself when too many forms come; use this when you know better. Browsers
    solve it by themselves, in seconds; people whose browser cannot are mailed some minutes later.
    A longer time that is running is not cut short: use --off first.
    """
    if off == (hours is not None):
        raise CannotContinue("Say for how long, with --hours 3, or --off.")
    services = target.services
    try:
        petitions.get(services.petitions, slug)
        trail_lines.record(services, slug, Act.SWITCH_OFF if off else Act.SWITCH_ON, _PROOF)
        if hours is None:
            pressure.stop_requiring_proofs(services, slug)
            console.done(f"Forms of “{slug}” need no proof of work.")
            console.hint("If too many forms still come, the service requires it again in a minute.")
            return
        until = services.now() + timedelta(hours=hours)
        pressure.require_proofs(services, slug, until=until)
    except NotFound:
        raise CannotContinue(f"There is no petition “{slug}” online.") from None
    console.done(f"Every form of “{slug}” needs a proof of work until {until:%Y-%m-%d %H:%M} UTC.")
    console.hint(f"To end it before: {command(f'petition guard {slug} --off')}")


def _show_keys_and_pages(
    target: Target, path: Path, published: Petition, key_file: str, picture: bytes
) -> None:
    """Draw the preview images; print who opens the signatures, and where the pages are."""
    services = target.services
    drawn = publishing.publish_preview_images(
        services, published.slug, preview_images.draw_all(published, picture)
    )
    if target.local:
        key = state_folder() / development_keys.ORGANISER_FILE
        console.note(f"Its signatures are for trying out: the development key {key} opens them.")
    else:
        show_current(petition_key_files.read(key_file), path)
    if drawn:
        console.note(f"Pictures for shared links are new: {', '.join(drawn)}.")
    for language in published.languages:
        console.hint(services.settings.public_url + urls.petition(language, published.slug))


def _today() -> date:
    return datetime.now(UTC).date()


def _show(readable: Petition, path: Path) -> None:
    """Print what was read, so that a writer sees a demand that was taken for something else."""
    for language, text in readable.texts.items():
        demands = console.counted(len(text.demands), "demand")
        heading = text.background_heading
        background = f"background “{heading}”" if heading else "no background"
        outcome = ", outcome" if text.outcome else ""
        console.say(f"{language}: {demands}, {background}{outcome}")
    if date.min not in (readable.opens_on, readable.closes_on):
        console.say(f"open {readable.opens_on} to {readable.closes_on}")
    if readable.picture is not None:
        size = f"{readable.picture.width:,} × {readable.picture.height:,} pixels"
        taken = console.counted(len(picture_files.content_of(path)), "byte")
        console.say(f"picture: {readable.picture.media_type}, {size}, {taken}")


def _show_examples(path: Path) -> None:
    """Name the texts that are still the example's: one may mean them, so they are no problem."""
    found = example_texts.find(path)
    for text in found:
        lines = "1 line still says" if text.count == 1 else f"{text.count} lines still say"
        place = f"{text.file.relative_to(path)}:{text.first}"
        console.note(f"{place}  From here on, {lines} what the example petition says.")
    if found:
        console.hint("Write your own words, unless you mean these.")


def _prepare_key_file(target: Target, path: Path, verification: VerificationKeys) -> str:
    """The text of the petition's key file, with the service's verification keys in it.

    Raises CannotContinue for a file that has lost a key or a wrap since the last publication.
    """
    file = petition_key_file.read(path)
    stored = petitions.find_key_file(target.services.petitions, file.keys.slug)
    if stored is not None and (
        lost := petition_keys.loses(petition_key_files.read(stored), file.keys)
    ):
        raise CannotContinue(
            f"{file.path} is older than the one with which “{file.keys.slug}” was published: it "
            f"lacks {', '.join(lost)}. Nothing is published. Move it away, and bring that one "
            f"back: {command(f'keys fetch {path}')}"
        )
    known = file.keys.verification
    updated = file.save(replace(file.keys, verification=merged(known, verification)))
    if updated.keys.verification != known:
        console.note(
            f"{file.path} now names the keys with which the service vouches for signatures. Hand "
            f"it to every organiser, to type: {command(f'keys check {path} --key THEIRS')}"
        )
    return updated.text
