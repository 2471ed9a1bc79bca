"""Reads petitions and updates from the folders that organisers write.

All problems of a folder are found at once, each with its file, its line and what to do about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.petitions import petition_rules, update_rules
from chalicelib.domain.petitions.petition import LANGUAGE, Petition
from chalicelib.domain.petitions.picture import Picture
from chalicelib.domain.petitions.source import TEXTS, PetitionSource, TextSource, UpdateSource
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering.folder_files import PETITION_FILE, UPDATE_FILE, UPDATES_FOLDER
from chalicelib.rendering.pictures.faults import BadPicture
from chalicelib.usecases.petitions import editing
from ops.content import petition_key_file
from ops.content.front_matter import read_front_matter
from ops.content.petition_key_file import NoKeyFile
from ops.content.pictures import files as picture_files
from ops.content.source_map import SourceMap
from ops.content.text_files import unreadable
from ops.content.toml_reader import read_toml
from ops.errors import NotReady, Problem
from ops.terminal.command_hint import command

PETITIONS_FOLDER: Final = Path("petitions")
"""Where the petitions of this repository lie, seen from its top."""
_ANY_KEY: Final = bytes(sealing.PUBLIC_KEY_BYTES)
"""Stands for the key of a draft that is only checked; nothing is sealed to it."""


def read_petition(
    path: Path, *, development_key: bytes | None = None, live_on: date | None = None
) -> Petition:
    """The petition in folder `path`, as version 0. Raises NotReady with all that is to correct.

    `development_key` is used in place of the petition's own; without it, the petition needs a key
    that an organiser has proven. `live_on` as for `petition_rules.parse_petition`.
    """
    petition, problems = _load_petition(path, development_key, live_on)
    if problems:
        raise NotReady(problems)
    return petition


def check_petition(
    path: Path, *, live_on: date | None
) -> tuple[Petition | None, Sequence[Problem]]:
    """What could be read of the petition in folder `path`, and what is to correct in it.

    None if next to nothing could be read. `live_on` as for `read_petition`. Until then, a draft
    needs no key.
    """
    keyless = live_on is None and not (path / petition_key_file.FILE).exists()
    try:
        return _load_petition(path, _ANY_KEY if keyless else None, live_on)
    except NotReady as error:
        return None, error.problems


def read_update(path: Path) -> Update:
    """The update in folder `path`, `<petition>/updates/<name>`. Raises NotReady as above."""
    source = SourceMap()
    written, languages = _read_update(path, source)
    errors: list[FieldError] = []
    update = editing.parse_update(written, errors, languages=languages)
    problems = source.problems(errors)
    if update is None or problems:
        raise NotReady(problems)
    return update


def read_update_source(path: Path) -> UpdateSource:
    """What is written in the folder of an update, right or wrong. Raises NotReady.

    Only what cannot be read is a problem.
    """
    source = SourceMap()
    written, _ = _read_update(path, source)
    errors: list[FieldError] = []
    update_rules.check_update_name(Fields(values={}, errors=errors), written.name)
    if errors:
        raise NotReady(source.problems(errors))
    _refuse_unreadable(source)
    return replace(written, texts={code: text for code, text in written.texts.items() if text})


def update_folders(path: Path) -> Sequence[Path]:
    """The folders of the updates in the folder of a petition."""
    return [file.parent for file in sorted(path.glob(f"{UPDATES_FOLDER}/*/{UPDATE_FILE}"))]


def check_update(path: Path) -> Sequence[Problem]:
    """What is to correct before the update in folder `path` can be published."""
    try:
        read_update(path)
    except NotReady as error:
        return error.problems
    return ()


def _load_petition(
    path: Path, development_key: bytes | None, live_on: date | None
) -> tuple[Petition, Sequence[Problem]]:
    source = SourceMap()
    written, pictures = _read_source(path, source)
    errors: list[FieldError] = []
    public_key = development_key or _proven_key(path, errors, source)
    petition = editing.parse_petition(
        written, errors, public_key=public_key, live_on=live_on, has_picture=bool(pictures)
    )
    return petition, source.problems(errors)


def read_source(path: Path) -> tuple[PetitionSource, bytes]:
    """What is written in folder `path`, right or wrong, and the picture's bytes. Raises NotReady.

    Only what cannot be read is a problem.
    """
    source = SourceMap()
    written, pictures = _read_source(path, source)
    _refuse_unreadable(source)
    made = picture_files.read(pictures)
    return written, made.content if made else b""


def _refuse_unreadable(source: SourceMap) -> None:
    problems = [*source.mistyped, *source.unreadable.values()]
    if problems:
        raise NotReady(problems)


def _read_update(path: Path, source: SourceMap) -> tuple[UpdateSource, Sequence[str]]:
    """What is written in the folder of an update, and the languages of its petition."""
    _check_folder(path)
    folder = path.resolve()
    if folder.parent.name != UPDATES_FOLDER:
        raise unreadable(
            path,
            1,
            "This folder does not belong to a petition.",
            f"Put it into the petition's folder: my-petition/{UPDATES_FOLDER}/{path.name}",
        )
    petition_folder = folder.parent.parent
    petition = read_toml(petition_folder / PETITION_FILE, SourceMap())
    settings = read_toml(path / UPDATE_FILE, source)
    source.places["name"] = (path, 1)
    languages = petition_rules.named_languages(petition)
    written = UpdateSource(
        slug=petition_folder.name,
        name=folder.name,
        settings=settings,
        texts=_read_texts(path, languages, source, all_needed=False),
    )
    return written, languages


def _read_source(path: Path, source: SourceMap) -> tuple[PetitionSource, Sequence[Path]]:
    """What is written in a folder, and every file that is meant as its picture."""
    _check_folder(path)
    settings = read_toml(path / PETITION_FILE, source)
    source.places["slug"] = (path, 1)
    pictures = picture_files.find(path)
    written = PetitionSource(
        slug=path.resolve().name,
        settings=settings,
        texts=_read_texts(path, petition_rules.named_languages(settings), source),
        picture=_picture(pictures, source),
    )
    return written, pictures


def _picture(files: Sequence[Path], source: SourceMap) -> Picture | None:
    """The picture that `files` make; what is to correct goes to `source`."""
    try:
        made = picture_files.read(files)
    except BadPicture as error:
        source.mistyped.extend(picture_files.problems(files, error.faults))
        return None
    return made.picture if made else None


def _proven_key(path: Path, errors: list[FieldError], source: SourceMap) -> bytes:
    """The public key of a petition, once an organiser has proven it; else an error of `key`."""
    source.places["key"] = (path / petition_key_file.FILE, 1)
    fields = Fields(values={}, errors=errors)
    try:
        keys = petition_key_file.read(path).keys
    except NoKeyFile:
        what = "This petition has no key: nobody could read its signatures."
        make_it = command(f"keys petition {path} --for YOUR.key")
        fields.add("key", what, f"Make one: {make_it}")
        return b""
    except NotAPetitionKey as error:
        bring_back = command(f"keys fetch {path}")
        fields.add("key", str(error), f"If it was published, move it away and type: {bring_back}")
        return b""
    if not keys.proven_on:
        what = "Nobody has proven that this key opens what is sealed to it."
        if keys.canary.proofs:
            what = "The proof in this file is wrong: it is not what is sealed there."
        prove_it = command(f"keys check {path} --key YOUR.key")
        fields.add("key", what, f"An organiser proves it: {prove_it}")
        return b""
    return keys.current.public_key


def _read_texts(
    folder: Path, languages: Sequence[str], source: SourceMap, *, all_needed: bool = True
) -> Mapping[str, TextSource | None]:
    """The texts of a folder by language; None for one that is unreadable, or not wanted.

    The first language needs a text, and the others do if `all_needed`.
    """
    texts: dict[str, TextSource | None] = {}
    for language in filter(LANGUAGE.fullmatch, languages):
        name, file = f"{TEXTS}.{language}", folder / f"{language}.md"
        if not (all_needed or language == languages[0] or file.exists()):
            continue
        try:
            texts[language] = read_front_matter(file, name, source)
        except NotReady as error:
            source.unreadable[name] = error.problems[0]
            texts[language] = None
    for file in sorted(folder.glob("*.md")):
        if LANGUAGE.fullmatch(file.stem) and file.stem not in languages:
            source.add(f"{TEXTS}.{file.stem}", file, {})
            texts[file.stem] = None
    return texts


def _check_folder(path: Path) -> None:
    """Raise NotReady if `path` is no folder."""
    if not path.is_dir():
        meant = PETITIONS_FOLDER / path
        remedy = f"There is {meant}: name that." if meant.is_dir() else "Name a folder, not a file."
        raise unreadable(path, 1, "There is no such folder.", remedy)
