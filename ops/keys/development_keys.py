"""The keys for trying things out: made in the state folder of `make run`, with a known passphrase.

The state folder has one organiser's key, and a petition key for each petition.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys import key_files, key_lifecycle, organiser_keys
from ops.keys.key_files import ChangedMeanwhile

ORGANISER_FILE: Final = "organiser.key"
PASSPHRASE: Final = "local"  # noqa: S105 - a key for trying things out
FOLDER: Final = "petition-keys"


def petition_keys_of(state_folder: Path, slug: str) -> PetitionKeys:
    """The development keys of a petition, made and proven when they are first asked for."""
    folder = state_folder / FOLDER
    path = folder / f"{slug}.json"
    if not path.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        text = organiser_text(state_folder)
        today = datetime.now(UTC).date()
        keys = key_lifecycle.new_keys(slug, [organiser_keys.public_half(text)], today)
        proven = key_lifecycle.prove(keys, organiser_keys.open_key(text, PASSPHRASE), today)
        _create(path, petition_key_files.to_text(proven))
    return petition_key_files.read(path.read_text("utf-8"))


def organiser_text(state_folder: Path) -> str:
    """The text of the development organiser's key file, which is made on the first run."""
    path = state_folder / ORGANISER_FILE
    if not path.exists():
        _create(path, organiser_keys.new_key(PASSPHRASE))
    return organiser_keys.read_key_file(path)


def published_text(state_folder: Path, keys: PetitionKeys, verification: VerificationKeys) -> str:
    """The key file with which a petition is published on this machine.

    The development organiser's key trusts the service's keys from now on.
    """
    path, text = state_folder / ORGANISER_FILE, organiser_text(state_folder)
    trusting = organiser_keys.trust(
        text,
        PASSPHRASE,
        keys.slug,
        attestation=verification.attestation,
        export=verification.export,
    )
    if trusting != text:
        key_files.replace(path, trusting, old=text)
    return petition_key_files.to_text(replace(keys, verification=verification))


def _create(path: Path, text: str) -> None:
    # Another process may have made it at this moment; then its file is read.
    with suppress(ChangedMeanwhile):
        key_files.create(path, text)
