"""`zaklik keys …`: the organisers' keys, made and kept on their own machine."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from chalicelib.crypto import sealing
from chalicelib.crypto.petition_keys import MAX_NAME_CHARACTERS, is_name
from chalicelib.crypto.unsealing import PrivateKey
from ops.atomic_write import refuse_existing
from ops.commands import petition_keys
from ops.errors import CannotContinue
from ops.keys import key_files, organiser_keys
from ops.keys.organiser_keys import OrganiserKey
from ops.keys.recovery import codes, sheets
from ops.keys.recovery.codes import WrongLine
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.passphrases import ask_passphrase, choose_passphrase

_KEPT: Final = "Name another file with --out; a key file is never replaced."
_FILE: Final = click.Path(path_type=Path)
_name = click.option(
    "--name", default="", help="Whose key it is. Everybody who has a petition's key file reads it."
)


@click.group()
def keys() -> None:
    """Make the keys of organisers and petitions."""


for _command in petition_keys.COMMANDS:
    keys.add_command(_command)


@keys.command()
@click.option(
    "--out",
    default=Path("organiser.key"),
    show_default=True,
    type=_FILE,
    help="The key file to write.",
)
@_name
def new(out: Path, name: str) -> None:
    """Make your own key, and a recovery sheet to print.

    Make it on a machine that you trust; no network is needed. The command asks for the passphrase
    twice, or reads it from ZAKLIK_PASSPHRASE. It never replaces a file.
    """
    sheet = sheets.path_beside(out)
    refuse_existing(out, force=False, remedy=_KEPT)
    refuse_existing(sheet, force=False, remedy="Print it and delete it, or name another --out.")
    _check_name(name)
    key = OrganiserKey(private=PrivateKey.generate(), name=name, trusted={})
    text = organiser_keys.lock(key, choose_passphrase())
    # The sheet comes first: there is never a key without one.
    _write_sheet(sheet, out, key)
    key_files.create(out, text)
    console.done(f"{out} is your key. Only its passphrase opens it.")
    console.done(f"{sheet} is its recovery sheet, one page.")
    _show_fingerprint(key.private)
    console.say()
    console.say("Do this now:")
    send_it = command(f"keys show {out} --public-out {out.with_suffix('.pub')}")
    console.hint(
        f"1. Open {sheet} in a browser and print it. Then delete the file: the sheet opens all\n"
        "   that the key opens, without a passphrase. Lock the paper away.\n"
        f"2. Copy {out} to a memory stick, and keep that elsewhere.\n"
        "3. Send the public half of your key to the person who makes the petition's key:\n"
        f"   {send_it}"
    )


@keys.command()
@click.argument("file", type=_FILE)
def sheet(file: Path) -> None:
    """Write the recovery sheet of the key file FILE once more."""
    target = sheets.path_beside(file)
    refuse_existing(target, force=False, remedy="Print it, and delete the file.")
    text = organiser_keys.read_key_file(file)
    key = organiser_keys.open_key(text, ask_passphrase(f"Passphrase of {file}"))
    _write_sheet(target, file, key)
    console.done(f"{target} is the recovery sheet of {file}. Print it, then delete the file.")


@keys.command()
@click.option("--out", required=True, type=_FILE, help="The key file to write.")
@_name
def restore(out: Path, name: str) -> None:
    """Make a key file again from its recovery sheet.

    The command asks for the five lines, or reads them from standard input, and names a line that
    is mistyped. Capitals, spaces and dashes do not matter. The key file gets a new passphrase.
    """
    refuse_existing(out, force=False, remedy=_KEPT)
    _check_name(name)
    private = codes.private_key(_ask_lines())
    console.say("All five lines are right.")
    _show_fingerprint(private)
    key = OrganiserKey(private=private, name=name, trusted={})
    key_files.create(out, organiser_keys.lock(key, choose_passphrase()))
    console.done(f"{out} is the same key, with your new passphrase.")
    console.hint(
        "Compare its fingerprint with that of the sheet. Then, for each of your petitions:\n"
        f"{command(f'keys check petitions/my-petition --key {out}')}\n"
        "Close this window: the lines can still be read in it."
    )


@keys.command()
@click.argument("file", type=_FILE)
@click.option("--public-out", type=_FILE, help="Write the public half to this file, for others.")
def show(file: Path, public_out: Path | None) -> None:
    """Show whose key the file FILE is, and its fingerprint.

    FILE is a key file, or the public half of one. No passphrase is needed.
    """
    public = organiser_keys.public_half(organiser_keys.read_key_file(file))
    if public_out is not None:
        refuse_existing(public_out, force=False, remedy="Name another file.")
    console.say(f"Name         {public.name or '(none)'}")
    console.say(f"Fingerprint  {sealing.grouped(public.fingerprint)}")
    if public_out is None:
        write_it = command(f"keys show {file} --public-out {file.with_suffix('.pub')}")
        console.hint(f"To write its public half, which others may have: {write_it}")
        return
    key_files.create(public_out, organiser_keys.public_text(public))
    console.done(f"{public_out} holds the public half. Send it to the other organisers.")
    console.hint("Read the fingerprint to them by phone: they see the same one if it is yours.")


def _check_name(name: str) -> None:
    if not is_name(name):
        raise CannotContinue(f"A name has at most {MAX_NAME_CHARACTERS} letters, on one line.")


def _write_sheet(path: Path, key_file: Path, key: OrganiserKey) -> None:
    page = sheets.render(
        key.private, name=key.name, key_file=key_file, made_on=datetime.now(UTC).date()
    )
    key_files.create(path, page)


def _show_fingerprint(private: PrivateKey) -> None:
    fingerprint = sealing.grouped(sealing.fingerprint(private.public_bytes))
    console.say(f"Fingerprint  {fingerprint}")


def _ask_lines() -> list[str]:
    """The lines of a recovery code. A mistyped one is asked again where a person types."""
    lines: list[str] = []
    while len(lines) < codes.LINES:
        number = len(lines) + 1
        typed: str = click.prompt(f"Line {number} of {codes.LINES}", err=True)
        if not lines and (scanned := codes.split(typed)):
            return list(scanned)
        try:
            codes.read_line(number, typed)
        except WrongLine as error:
            if not _is_typed():
                raise
            console.fault(str(error))
        else:
            lines.append(typed)
    return lines


def _is_typed() -> bool:
    """Whether a person answers the prompts, and not a file."""
    return sys.stdin.isatty()
