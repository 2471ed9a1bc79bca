"""The arguments that commands on updates share: an update's ID, and languages."""

from collections.abc import Sequence
from typing import Final

import click

from chalicelib.domain.petitions.update import Update, split_id
from ops.errors import CannotContinue

language_option: Final = click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="Only in this language, such as be; can be given several times.",
)


def _update_id(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """An update's id, as `update publish` prints it; a usage error if it cannot be one."""
    try:
        split_id(value)
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is not the ID of an update, as my-petition/first-news is.", ctx, param
        ) from error
    return value


update_id_argument: Final = click.argument("update_id", metavar="ID", callback=_update_id)


def chosen_languages(update: Update, wanted: Sequence[str]) -> Sequence[str]:
    """The languages of an update, or those wanted. Raises CannotContinue for one it has not."""
    for language in wanted:
        if language not in update.texts:
            raise CannotContinue(
                f"{update.id} has no text in “{language}”. It is in: {', '.join(update.texts)}."
            )
    # A dict keeps their order, and each once.
    return list(dict.fromkeys(wanted)) or list(update.texts)
