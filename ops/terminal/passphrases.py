"""Passphrases of key files: from the environment, or typed without being shown."""

import os
from typing import Final

import click

from ops.errors import CannotContinue

PASSPHRASE_VARIABLE: Final = "ZAKLIK_PASSPHRASE"  # noqa: S105 - the name of the variable
MIN_PASSPHRASE_CHARACTERS: Final = 12


def ask_passphrase(prompt: str, *, twice: bool = False) -> str:
    """The passphrase from ZAKLIK_PASSPHRASE, else typed without being shown."""
    passphrase: str = os.environ.get(PASSPHRASE_VARIABLE) or click.prompt(
        prompt, hide_input=True, confirmation_prompt=twice, err=True
    )
    return passphrase


def choose_passphrase() -> str:
    """A new passphrase, typed twice. Raises CannotContinue for one that is too short."""
    passphrase = ask_passphrase("Passphrase (several words are best)", twice=True)
    if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
        raise CannotContinue(
            f"The passphrase needs {MIN_PASSPHRASE_CHARACTERS} characters or more. "
            "Take five or six words that have nothing to do with each other."
        )
    return passphrase
