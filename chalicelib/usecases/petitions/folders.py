"""A draft as the files of a folder, and back: the same files that the commands read."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from chalicelib.domain.petitions.petition import LANGUAGE
from chalicelib.domain.petitions.picture import Picture
from chalicelib.domain.petitions.source import PetitionSource, TextSource
from chalicelib.rendering import source_files
from chalicelib.rendering.pictures import uploads
from chalicelib.rendering.pictures.faults import BadPicture
from chalicelib.rendering.source_files import MAX_FILE_BYTES, UnreadableFile
from chalicelib.usecases.petitions import drafting
from chalicelib.wiring import Services

PETITION_FILE: Final = "petition.toml"
_PICTURE: Final = "picture"
_IGNORED: Final = frozenset({"key.json", "update.toml"})
"""Files of a folder that are no part of a petition's draft."""
_MAX_FILES: Final = 150
_MOMENT: Final = (2020, 1, 1, 0, 0, 0)
"""The same draft makes the same file."""


@dataclass(frozen=True, kw_only=True)
class FileProblem:
    """Why a file cannot be taken. Lines count from 1."""

    file: str
    line: int
    what: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class ReadFiles:
    """What files say of a petition, the bytes of its picture, and what cannot be read."""

    source: PetitionSource
    picture: bytes = field(repr=False)
    problems: tuple[FileProblem, ...]


def archive(services: Services, slug: str) -> bytes:
    """The newest version of a draft as a zip of its folder. Raises Unavailable."""
    draft = drafting.get_draft(services, slug)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files_of(draft.source, drafting.get_picture(services, draft)).items():
            entry = zipfile.ZipInfo(f"{slug}/{name}", date_time=_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, content)
    return packed.getvalue()


def files_of(source: PetitionSource, picture: bytes) -> Mapping[str, bytes]:
    """The files of a draft's folder by their names."""
    files = {PETITION_FILE: source_files.write_toml(source.settings).encode()}
    for language, text in source.texts.items():
        if text is not None and LANGUAGE.fullmatch(language):
            files[f"{language}.md"] = source_files.write_text(text).encode()
    if source.picture is not None:
        files[f"{_PICTURE}.{source.picture.media_type.extension}"] = picture
    return files


def unpacked(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files, and in place of zips those in them: at most so many of so many bytes.

    A zip that cannot be read stays as it is.
    """
    found: dict[str, bytes] = {}
    for name, content in files.items():
        found |= (_from_zip(content) if name.lower().endswith(".zip") else {}) or {name: content}
    return found


def _from_zip(content: bytes) -> Mapping[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = [entry for entry in packed.infolist() if _is_wanted(entry.filename)]
            if len(entries) > _MAX_FILES:
                return {}
            # One byte more than may be: an entry can be larger than it says.
            return {
                entry.filename: packed.open(entry).read(MAX_FILE_BYTES + 1) for entry in entries
            }
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}


def _is_wanted(name: str) -> bool:
    """Whether an entry is a file of the petition itself: folders and updates are left out."""
    path = PurePosixPath(name)
    return not name.endswith("/") and path.parent.parent.name != "updates"


def read_files(slug: str, files: Mapping[str, bytes], current: PetitionSource) -> ReadFiles:
    """What files of a folder say of a petition; what they do not hold stays as it is in `current`.

    A name may have folders before it, which are left out; files of updates are not read.
    """
    settings, texts = dict(current.settings), dict(current.texts)
    picture, content = current.picture, b""
    problems: list[FileProblem] = []
    for name, raw in files.items():
        path = PurePosixPath(name.replace("\\", "/"))
        try:
            if path.name == PETITION_FILE:
                settings = source_files.read_toml(source_files.decoded(raw))
            elif path.stem == _PICTURE:
                picture, content = _picture(raw)
            elif path.suffix == ".md" and LANGUAGE.fullmatch(path.stem):
                texts[path.stem] = _text(raw)
            elif path.name not in _IGNORED:
                what = "This is no file of a petition."
                raise UnreadableFile(1, what, f"Choose {PETITION_FILE}, en.md, picture.svg …")
        except UnreadableFile as error:
            problems.append(
                FileProblem(file=name, line=error.line, what=error.what, remedy=error.remedy)
            )
    source = PetitionSource(slug=slug, settings=settings, texts=texts, picture=picture)
    return ReadFiles(source=source, picture=content, problems=tuple(problems))


def _text(raw: bytes) -> TextSource:
    read = source_files.read_text(source_files.decoded(raw))
    for name, line in read.repeated:
        raise UnreadableFile(line, f"“{name}” stands here twice.", "Delete one of the two.")
    return read.source


def _picture(raw: bytes) -> tuple[Picture, bytes]:
    try:
        return uploads.picture_of(raw)
    except BadPicture as bad:
        fault = bad.faults[0]
        raise UnreadableFile(fault.line, fault.what, fault.remedy) from bad
