"""`zaklik keys …`: the organisers' keys, made and kept on their own machine."""

import base64
import os
from pathlib import Path
from typing import Final

import click

from ops.atomic_write import refuse_existing
from ops.errors import CannotContinue
from ops.keys import organiser_keys
from ops.terminal import console

PASSPHRASE_VARIABLE: Final = "ZAKLIK_PASSPHRASE"  # noqa: S105 - the name of the variable
MIN_PASSPHRASE_CHARACTERS: Final = 12


def ask_passphrase(prompt: str, *, twice: bool = False) -> str:
    """The passphrase from ZAKLIK_PASSPHRASE, else typed without being shown."""
    passphrase: str = os.environ.get(PASSPHRASE_VARIABLE) or click.prompt(
        prompt, hide_input=True, confirmation_prompt=twice, err=True
    )
    return passphrase


@click.group()
def keys() -> None:
    """Make and show organisers' keys."""


@keys.command()
@click.option(
    "--out",
    default=Path("organiser.key"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="The key file to write.",
)
def new(out: Path) -> None:
    """Make a key to which a petition's signatures are sealed.

    Make it on a machine that you trust; no network is needed. The command asks for the passphrase
    twice, or reads it from ZAKLIK_PASSPHRASE. It never replaces a file.
    """
    refuse_existing(
        out,
        force=False,
        remedy="Name another file with --out; a key file is never replaced.",
    )
    passphrase = ask_passphrase("Passphrase (several words are best)", twice=True)
    if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
        raise CannotContinue(
            f"The passphrase needs {MIN_PASSPHRASE_CHARACTERS} characters or more. "
            "Take five or six words that have nothing to do with each other."
        )
    text = organiser_keys.new_key(passphrase)
    organiser_keys.write_key(out, text)
    console.done(f"{out} is written. Only its passphrase opens it.")
    console.say()
    console.say("Put this line into petition.toml:")
    console.say(_toml_line(text))
    console.say()
    console.hint(
        "Now make two copies of the key file, on two memory sticks in two places, and keep the\n"
        "passphrase apart from them. Without file and passphrase nobody can ever read the\n"
        "signatures: not you, not the operator, not anybody who takes the server."
    )


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Print the public key of the key file FILE for petition.toml."""
    console.say(_toml_line(organiser_keys.read_key_file(file)))


def _toml_line(text: str) -> str:
    public_key = base64.b64encode(organiser_keys.public_key(text)).decode()
    return f'public_key = "{public_key}"'
