"""`zaklik keys …`: the key of a petition, which several organisers can open."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from chalicelib.crypto import petition_key_files, sealing
from chalicelib.crypto.base64_fields import encode
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.petitions.petition import VerificationKeys
from chalicelib.rendering.folder_files import PETITION_FILE
from chalicelib.store.petitions import petitions
from ops.content import petition_key_file
from ops.errors import CannotContinue
from ops.keys import key_files, key_lifecycle, organiser_keys
from ops.keys.organiser_keys import OrganiserKey, OrganiserPublicKey
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.passphrases import ask_passphrase

_PATH: Final = click.Path(path_type=Path)
_folder = click.argument("folder", type=_PATH)
_key = click.option("--key", "key_path", required=True, type=_PATH, help="Your key file.")
_for = click.option(
    "--for",
    "organiser_paths",
    required=True,
    multiple=True,
    type=_PATH,
    help="The public half of an organiser who is to open it. Repeat it for each.",
)


@click.command()
@_folder
@_for
def petition(folder: Path, organiser_paths: tuple[Path, ...]) -> None:
    """Make the key of the petition in FOLDER.

    Each organiser that --for names can open the signatures alone. The private half exists only
    sealed to the keys of these organisers, in FOLDER/key.json. That file is public: keep it with
    the petition's texts.
    """
    slug = petition_key_file.slug_of(folder)
    if not (folder / PETITION_FILE).is_file():
        raise CannotContinue(f"There is no {PETITION_FILE} in {folder}, so it is no petition.")
    path = folder / petition_key_file.FILE
    if path.exists():
        share_it = command(f"keys share {folder} --key YOURS --with THEIRS")
        raise CannotContinue(
            f"{path} is there already: this petition has a key. To let one more organiser open "
            f"it: {share_it}"
        )
    keys = key_lifecycle.new_keys(slug, _read_organisers(organiser_paths), _today())
    key_files.create(path, petition_key_files.to_text(keys))
    console.done(f"{path} is the key of “{slug}”.")
    show_current(keys, folder)
    console.hint(
        "Compare each fingerprint with its owner, by phone or face to face. Then each organiser\n"
        f"types: {command(f'keys check {folder} --key THEIRS')}"
    )


@click.command()
@_folder
@_key
@click.option(
    "--with", "added_path", required=True, type=_PATH, help="The public half of the other key."
)
def share(folder: Path, key_path: Path, added_path: Path) -> None:
    """Let one more organiser open the petition in FOLDER.

    Your key must open it. What is shared cannot be taken back: `keys change` shuts somebody out,
    and only of signatures that are still to come.
    """
    file = petition_key_file.read(folder)
    [added] = _read_organisers([added_path])
    if all(added.fingerprint in key.organisers for key in file.keys.all):
        raise CannotContinue(f"{added_path} opens “{file.keys.slug}” already. Nothing is changed.")
    shared = key_lifecycle.share(file.keys, _open(key_path), added)
    file.save(shared)
    console.done(f"{added_path} opens “{shared.slug}”, too.")
    show_current(shared, folder)
    _note_former(shared, added.fingerprint)
    console.hint(
        f"Its owner types: {command(f'keys check {folder} --key THEIRS')}\n"
        "Then publish the petition again, so that the service knows of it."
    )


@click.command()
@_folder
@_for
def change(folder: Path, organiser_paths: tuple[Path, ...]) -> None:
    """Make a new key for the petition in FOLDER, for signatures from its publication on.

    Do so when a key or a recovery sheet was lost, or when an organiser leaves. The present key
    moves to the former ones in FOLDER/key.json: those who open it still can, and open what was
    sealed to it.
    """
    file = petition_key_file.read(folder)
    changed = key_lifecycle.change(file.keys, _read_organisers(organiser_paths), _today())
    file.save(changed)
    console.done(f"“{changed.slug}” has a new key, which counts once it is published.")
    show_current(changed, folder)
    console.hint(
        f"One organiser types: {command(f'keys check {folder} --key THEIRS')}\n"
        f"Then: {command(f'petition publish {folder}')}"
    )


@click.command()
@_folder
@_key
def check(folder: Path, key_path: Path) -> None:
    """Prove that your key opens the signatures of the petition in FOLDER.

    The command opens what is sealed in FOLDER/key.json for this purpose, and notes the day there.
    A petition needs this proof from one organiser before it can be published. Your key file learns
    which keys the service vouches with, so that `unseal` notices signatures that are not genuine.
    """
    file = petition_key_file.read(folder)
    text = organiser_keys.read_key_file(key_path)
    passphrase = ask_passphrase(f"Passphrase of {key_path}")
    key = organiser_keys.open_key(text, passphrase)
    keys = key_lifecycle.prove(file.keys, key, _today())
    file.save(keys)
    console.done(
        f"{key_path} and this passphrase open what is sealed to the key of “{keys.slug}”:\n"
        f"  {sealing.grouped(keys.current.fingerprint)}"
    )
    _note_former(keys, sealing.fingerprint(key.private.public_bytes))
    _pin(key_path, text, passphrase, key, keys)
    show_current(keys, folder)
    console.hint(f"The proof is in {file.path}. Hand that file on to the person who publishes.")


@click.command()
@_folder
@pass_target
def fetch(target: Target, folder: Path) -> None:
    """Bring back the lost key.json of the petition in FOLDER.

    The service keeps the file with which the petition was last published.
    """
    slug = petition_key_file.slug_of(folder)
    path = folder / petition_key_file.FILE
    if path.exists():
        raise CannotContinue(f"{path} is there already. Move it away first.")
    text = petitions.find_key_file(target.services.petitions, slug)
    if text is None:
        raise CannotContinue(f"The service has no key file of “{slug}”: it was not published.")
    key_files.create(path, text)
    console.done(f"{path} is the file with which “{slug}” was last published.")


COMMANDS: Final = (petition, share, change, check, fetch)


def show_current(keys: PetitionKeys, folder: Path) -> None:
    """Print who can open the current key of a petition, and warn if that is one person."""
    console.say(f"  key        {sealing.grouped(keys.current.fingerprint)}")
    for organiser, name in keys.current.organisers.items():
        day = keys.proven_on.get(organiser)
        proof = f"proven on {day}" if day else "not proven yet"
        console.say(f"  opened by  {sealing.grouped(organiser)}  {name or 'no name'} ({proof})")
    if len(keys.current.organisers) == 1:
        share_it = command(f"keys share {folder} --key YOURS --with THEIRS")
        console.note(
            "One organiser alone can open it. If that key file and its recovery sheet are lost, "
            f"the signatures are, too. Let somebody else open it: {share_it}"
        )


def _read_organisers(paths: Sequence[Path]) -> Sequence[OrganiserPublicKey]:
    """The public halves in these files. Raises CannotContinue if two files are one key."""
    organisers: dict[str, tuple[Path, OrganiserPublicKey]] = {}
    for path in paths:
        public = organiser_keys.public_half(organiser_keys.read_key_file(path))
        if public.fingerprint in organisers:
            other, _ = organisers[public.fingerprint]
            raise CannotContinue(f"{other} and {path} are the same key. Name each organiser once.")
        organisers[public.fingerprint] = (path, public)
    return [public for _, public in organisers.values()]


def _open(path: Path) -> OrganiserKey:
    text = organiser_keys.read_key_file(path)
    return organiser_keys.open_key(text, ask_passphrase(f"Passphrase of {path}"))


def _note_former(keys: PetitionKeys, organiser: str) -> None:
    """Say which former keys this organiser opens, and which not."""
    for key in keys.former:
        fingerprint = sealing.grouped(key.fingerprint)
        if organiser in key.organisers:
            console.done(f"It also opens the key until {key.until}: {fingerprint}")
        else:
            console.note(f"It does not open the key until {key.until}: {fingerprint}")


def _pin(path: Path, text: str, passphrase: str, key: OrganiserKey, keys: PetitionKeys) -> None:
    """Let a key file trust the verification keys in a petition's key file."""
    wanted, pinned = keys.verification, key.trusted.get(keys.slug, VerificationKeys())
    if not wanted.attestation:
        again = "After its first publication, type this command once more."
        console.note(f"The petition was not published yet. {again}")
        return
    trusting = organiser_keys.trust(
        text, passphrase, keys.slug, attestation=wanted.attestation, export=wanted.export
    )
    if trusting == text:
        console.done(f"{path} knows the keys with which the service vouches for signatures.")
        return
    key_files.replace(path, trusting, old=text)
    console.done(f"{path} has learned the keys with which the service vouches for signatures:")
    for public_key in wanted.attestation:
        known = " (known before)" if public_key in pinned.attestation else ""
        console.say(f"  {encode(public_key)}{known}")
    console.hint("The petition's page shows the same, under “Who runs this petition”.")


def _today() -> date:
    return datetime.now(UTC).date()
