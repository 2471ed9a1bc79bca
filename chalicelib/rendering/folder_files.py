"""The files of a petition's folder, and of those of its updates below it: read and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions import update_rules
from chalicelib.domain.petitions.petition import LANGUAGE
from chalicelib.domain.petitions.picture import Picture
from chalicelib.domain.petitions.source import PetitionSource, TextSource, UpdateSource
from chalicelib.rendering import source_files
from chalicelib.rendering.pictures import uploads
from chalicelib.rendering.pictures.faults import BadPicture
from chalicelib.rendering.source_files import UnreadableFile

PETITION_FILE: Final = "petition.toml"
UPDATE_FILE: Final = "update.toml"
UPDATES_FOLDER: Final = "updates"
PICTURE: Final = "picture"
_KEY_FILE: Final = "key.json"
"""A file of a petition's folder that is no part of what is written."""
_Source = TypeVar("_Source", PetitionSource, UpdateSource)


@dataclass(frozen=True, kw_only=True)
class FileProblem:
    """Why a file cannot be taken. Lines count from 1."""

    file: str
    line: int
    what: str
    remedy: str


@dataclass(kw_only=True)
class ReadFolder:
    """What the files of a folder say; None or nothing for what it does not hold.

    `content` are the bytes of the picture.
    """

    settings: Mapping[str, Any] | None = None
    texts: dict[str, TextSource] = field(default_factory=dict)
    picture: Picture | None = None
    content: bytes = field(default=b"", repr=False)

    def over(self, source: _Source) -> _Source:
        """The source with all that the files say but the picture; the rest of it stays."""
        settings = source.settings if self.settings is None else self.settings
        return replace(source, settings=settings, texts={**source.texts, **self.texts})


@dataclass(frozen=True, kw_only=True)
class ReadFiles:
    """What the files of a petition and of its updates, by name, say, and what cannot be read."""

    petition: ReadFolder
    updates: Mapping[str, ReadFolder]
    problems: Sequence[FileProblem]


def read(files: Mapping[str, bytes]) -> ReadFiles:
    """What files say, by their paths in a folder; folders around that of the petition are left out.

    Files of updates lie in `updates/<name>/`.
    """
    petition, updates = ReadFolder(), dict[str, ReadFolder]()
    problems: list[FileProblem] = []
    for path, raw in files.items():
        place = PurePosixPath(path.replace("\\", "/"))
        try:
            if place.parent.parent.name == UPDATES_FOLDER:
                _check_name(place.parent.name)
                _add_to_update(updates.setdefault(place.parent.name, ReadFolder()), place, raw)
            else:
                _add_to_petition(petition, place, raw)
        except UnreadableFile as error:
            problems.append(
                FileProblem(file=path, line=error.line, what=error.what, remedy=error.remedy)
            )
    return ReadFiles(petition=petition, updates=updates, problems=problems)


def written(source: PetitionSource | UpdateSource) -> dict[str, bytes]:
    """The files of a petition or an update by their names, without a picture."""
    files = {}
    if source.settings:
        name = PETITION_FILE if isinstance(source, PetitionSource) else UPDATE_FILE
        files[name] = source_files.write_toml(source.settings).encode()
    for language, text in source.texts.items():
        if text is not None and LANGUAGE.fullmatch(language):
            files[f"{language}.md"] = source_files.write_text(text).encode()
    return files


def _add_to_petition(folder: ReadFolder, place: PurePosixPath, raw: bytes) -> None:
    if place.name == PETITION_FILE:
        folder.settings = source_files.read_toml(source_files.decoded(raw))
    elif place.stem == PICTURE:
        folder.picture, folder.content = _picture(raw)
    elif place.name == UPDATE_FILE:
        what = "This is a file of an update, and does not lie in the folder of one."
        raise UnreadableFile(1, what, f"Choose a .zip in which it lies in {UPDATES_FOLDER}/NAME/.")
    elif place.name != _KEY_FILE and not _add_text(folder, place, raw):
        what = "This is no file of a petition."
        raise UnreadableFile(1, what, f"Choose {PETITION_FILE}, en.md, picture.svg …")


def _add_to_update(folder: ReadFolder, place: PurePosixPath, raw: bytes) -> None:
    if place.name == UPDATE_FILE:
        folder.settings = source_files.read_toml(source_files.decoded(raw))
    elif not _add_text(folder, place, raw):
        what = "This is no file of an update."
        raise UnreadableFile(1, what, f"It has {UPDATE_FILE}, en.md and so on.")


def _add_text(folder: ReadFolder, place: PurePosixPath, raw: bytes) -> bool:
    """Read a file as a text, if its name is that of one."""
    if place.suffix != ".md" or not LANGUAGE.fullmatch(place.stem):
        return False
    text = source_files.read_text(source_files.decoded(raw))
    for name, line in text.repeated:
        raise UnreadableFile(line, f"“{name}” stands here twice.", "Delete one of the two.")
    folder.texts[place.stem] = text.source
    return True


def _check_name(name: str) -> None:
    """Raise UnreadableFile for the name of a folder that no update may have."""
    fields = Fields(values={}, errors=[])
    update_rules.check_update_name(fields, name)
    for error in fields.errors:
        raise UnreadableFile(1, error.what, error.remedy)


def _picture(raw: bytes) -> tuple[Picture, bytes]:
    try:
        return uploads.picture_of(raw)
    except BadPicture as bad:
        fault = bad.faults[0]
        raise UnreadableFile(fault.line, fault.what, fault.remedy) from bad
