"""A petition's key file in its folder: `petitions/<slug>/key.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.petitions.petition import RESERVED_SLUGS, SLUG
from ops.errors import CannotContinue
from ops.keys import key_files

FILE: Final = "key.json"


class NoKeyFile(CannotContinue):
    """The folder has no key file."""


@dataclass(frozen=True, kw_only=True)
class PetitionKeyFile:
    """A key file: its text when it was read, and the keys in it."""

    path: Path
    text: str
    keys: PetitionKeys

    def save(self, keys: PetitionKeys) -> "PetitionKeyFile":
        """Replace the file, unless somebody else has. Raises ChangedMeanwhile, OSError."""
        text = petition_key_files.to_text(keys)
        if text != self.text:
            key_files.replace(self.path, text, old=self.text)
        return PetitionKeyFile(path=self.path, text=text, keys=keys)


def read(folder: Path) -> PetitionKeyFile:
    """The key file of the petition in a folder. Raises NoKeyFile, NotAPetitionKey, OSError."""
    path = folder / FILE
    if not path.is_file():
        raise NoKeyFile(f"There is no {path}: this petition has no key yet.")
    try:
        text = path.read_text("utf-8")
        keys = petition_key_files.read(text)
    except (UnicodeDecodeError, NotAPetitionKey) as error:
        raise NotAPetitionKey(
            f"{path} is not the key file of a petition, or it is damaged. Take another copy of it."
        ) from error
    slug = folder.resolve().name
    if keys.slug != slug:
        raise NotAPetitionKey(
            f"{path} is the key of the petition “{keys.slug}”, not of “{slug}”. "
            "A petition keeps the name under which its key was made."
        )
    return PetitionKeyFile(path=path, text=text, keys=keys)


def slug_of(folder: Path) -> str:
    """The slug of the petition in a folder: the folder's name. Raises CannotContinue."""
    if not folder.is_dir():
        raise CannotContinue(f"There is no folder {folder}. Name the folder of a petition.")
    slug = folder.resolve().name
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise CannotContinue(
            f"A petition cannot be called “{slug}”. Name its folder in small Latin letters, digits "
            "and hyphens."
        )
    return slug
