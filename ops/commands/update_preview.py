"""`zaklik update preview`: the page and the mails of an update, before anybody gets them."""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Final

import click

from chalicelib.config import Settings
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.rendering import urls
from chalicelib.routes.pages.update_previews import UpdatePreview, previews_of
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts.composing import MAX_HTML_BYTES
from chalicelib.wiring import Services
from ops.commands import audiences
from ops.commands.update_arguments import chosen_languages, language_option
from ops.content import petition_loader, update_previews
from ops.errors import CannotContinue, NotReady
from ops.target import Target, pass_target
from ops.terminal import console

_URL: Final = "https://the-website.example"
_SENDER: Final = "The sender of this service <desk@the-website.example>"
"""Stand for what only the service knows, where an update is not published."""


@click.command()
@click.argument("what", metavar="ID|PATH")
@language_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the files into this folder; else into preview-NAME, here.",
)
@pass_target
def preview(target: Target, what: str, languages: Sequence[str], out: Path | None) -> None:
    """Show an update as its readers will get it.

    PATH is the folder of an update, published or not. ID is a published update. Of the files that
    are written, index.html shows everything side by side, on a phone and on a desktop, with the
    size of each mail and its links. Nothing is sent anywhere.
    """
    path = Path(what)
    if path.is_dir():
        petition, update = _from_folder(path)
    else:
        petition, update = _published(target, what)
    asks_service = target.local or not path.is_dir()
    services = target.services if asks_service else _placeholders()
    chosen = chosen_languages(update, languages)
    previews = previews_of(services, petition, update, chosen)
    index = update_previews.write(out or Path(f"preview-{update.name}"), update, previews)
    for shown in previews:
        console.say(_line(shown))
    audiences.note_missing_languages(petition, update)
    console.done(f"{index} shows them side by side. Open it in a browser:")
    console.hint(index.resolve().as_uri())
    if asks_service and updates.find(services.petitions, update.slug, update.name):
        console.note("What is published now:")
        for language in chosen:
            console.hint(
                services.settings.public_url + urls.update(language, update.slug, update.name)
            )
    _refuse_large(previews)


def _from_folder(path: Path) -> tuple[Petition, Update]:
    """The update in a folder, and its petition. Raises NotReady."""
    update = petition_loader.read_update(path)
    petition, problems = petition_loader.check_petition(path.resolve().parents[1], live_on=None)
    if petition is None:
        raise NotReady(problems)
    return petition, update


def _published(target: Target, what: str) -> tuple[Petition, Update]:
    """A published update, and its petition. Raises NotFound."""
    try:
        slug, name = split_id(what)
    except ValueError as error:
        raise CannotContinue(
            f"There is no folder {what}, and it is not the ID of an update, as "
            "my-petition/first-news is."
        ) from error
    table = target.services.petitions
    return petitions.get(table, slug), updates.get(table, slug, name)


def _placeholders() -> Services:
    """A service with settings that a folder does not tell. It is never called."""
    values = {setting.name: "" for setting in fields(Settings) if setting.default is MISSING}
    settings = Settings(**{**values, "public_url": _URL, "sender": _SENDER})  # type: ignore[arg-type]
    return Services(settings=settings)


def _line(shown: UpdatePreview) -> str:
    size = f"{shown.html_bytes:,} of {MAX_HTML_BYTES:,} bytes"
    return (
        f"{shown.language}: “{shown.subject}”, {size}, {console.counted(len(shown.links), 'link')}"
    )


def _refuse_large(previews: Sequence[UpdatePreview]) -> None:
    """Raise CannotContinue if a mail is so large that mail programs cut it."""
    large = [shown for shown in previews if shown.is_too_large]
    if large:
        excess = {shown.language: shown.html_bytes - MAX_HTML_BYTES for shown in large}
        raise CannotContinue(
            "Gmail cuts this mail, and hides the link to leave: shorten the text by "
            + ", ".join(f"{count:,} bytes in {language}" for language, count in excess.items())
            + ". Put what is left out on a page of its own, and link to it."
        )
