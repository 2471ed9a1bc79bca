"""Reads petitions and updates from the folders that organisers write.

All problems of a folder are found at once, each with its file, its line and what to do about it.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from chalicelib.domain.petition import RESERVED_SLUGS, SLUG, Petition
from chalicelib.domain.update import DIGEST_NAME, NAME, Update, UpdateText
from chalicelib.rendering import markdown
from ops.content import petition_text, petition_toml
from ops.content.front_matter import read_document
from ops.content.petition_toml import PETITION_FILE
from ops.content.text_files import Problems
from ops.content.toml_reader import Sheet, read_sheet
from ops.errors import NotReady, Problem

UPDATE_FILE: Final = "update.toml"
UPDATES_FOLDER: Final = "updates"
PETITIONS_FOLDER: Final = Path("petitions")
"""Where the petitions of this repository lie, seen from its top."""
_UPDATE_KEYS: Final = ("published_on", "send_at")
_UPDATE_LIMITS: Final = {"title": 120, "summary": 300}
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_NAMING: Final = "Rename it: small Latin letters, digits and hyphens, at most 64."
_ANY_KEY: Final = b"\x09" + bytes(31)
"""Stands for the development key while a petition is only checked; nothing is sealed to it."""


def read_petition(
    path: Path, *, development_key: bytes | None = None, live_on: date | None = None
) -> Petition:
    """The petition in folder `path`, as version 0. Raises NotReady with all that is to correct.

    `development_key` (32 bytes) is used where the petition names the key "development". With
    `live_on`, the day in UTC on which real signatures are to be collected, that key, an organiser
    who is a placeholder and a last day before it are problems.
    """
    problems = Problems()
    petition = _petition(path, problems, development_key=development_key, live_on=live_on)
    if petition is None or problems.found:
        raise NotReady(problems.found)
    return petition


def check_petition(
    path: Path, *, live_on: date | None
) -> tuple[Petition | None, Sequence[Problem]]:
    """What could be read of the petition in folder `path`, and what is to correct in it.

    None if next to nothing could be read. `live_on` as for `read_petition`.
    """
    problems = Problems()
    petition = _petition(path, problems, development_key=_ANY_KEY, live_on=live_on)
    return petition, tuple(problems.found)


def read_update(path: Path) -> Update:
    """The update in folder `path`, which is `<petition>/updates/<name>`. Raises NotReady."""
    problems = Problems()
    update = _update(path, problems)
    if update is None or problems.found:
        raise NotReady(problems.found)
    return update


def check_update(path: Path) -> Sequence[Problem]:
    """What is to correct before the update in folder `path` can be published."""
    problems = Problems()
    _update(path, problems)
    return tuple(problems.found)


def _petition(
    path: Path, problems: Problems, *, development_key: bytes | None, live_on: date | None
) -> Petition | None:
    if not _is_folder(path, SLUG, problems, reserved=RESERVED_SLUGS):
        return None
    sheet = read_sheet(path / PETITION_FILE, problems)
    if sheet is None:
        return None
    terms = petition_toml.read_terms(sheet, development_key=development_key, live_on=live_on)
    texts = {
        language: text
        for language in terms.languages
        if (text := petition_text.read_text(path / f"{language}.md", problems))
    }
    petition_text.compare_demands(path, texts, problems)
    _refuse_other_texts(path, petition_toml.read_languages(sheet), problems)
    return Petition(
        slug=path.resolve().name,
        version=0,
        opens_on=terms.opens_on,
        closes_on=terms.closes_on,
        goals=terms.goals,
        public_key=terms.public_key,
        organiser=terms.organiser,
        pseudonyms=terms.pseudonyms,
        texts=texts,
    )


def _update(path: Path, problems: Problems) -> Update | None:
    if not _is_folder(path, NAME, problems):
        return None
    if DIGEST_NAME.fullmatch(path.resolve().name):
        problems.add(
            path,
            1,
            f"The service calls a weekly digest “{path.resolve().name}”.",
            "Name the folder by what is new in it.",
        )
        return None
    petition_folder = path.resolve().parent.parent
    if path.resolve().parent.name != UPDATES_FOLDER:
        problems.add(
            path,
            1,
            "This folder does not belong to a petition.",
            f"Put it into the petition's folder: my-petition/{UPDATES_FOLDER}/{path.name}",
        )
        return None
    petition = read_sheet(petition_folder / PETITION_FILE, problems)
    sheet = read_sheet(path / UPDATE_FILE, problems)
    if petition is None or sheet is None:
        return None
    languages = petition_toml.read_languages(petition)
    texts = {
        language: text
        for language in languages
        if (text := _update_text(path / f"{language}.md", problems))
    }
    _refuse_other_texts(path, languages, problems)
    sheet.refuse_others(_UPDATE_KEYS)
    return Update(
        slug=petition_folder.name,
        name=path.resolve().name,
        published_on=sheet.day("published_on", "2026-01-31") or date.min,
        send_at=_send_at(sheet),
        texts=texts,
    )


def _update_text(path: Path, problems: Problems) -> UpdateText | None:
    document = read_document(path, _UPDATE_LIMITS, problems)
    if document is None:
        return None
    document.note_faults(problems)
    if not document.body.strip():
        problems.add(path, document.body_line, "The update says nothing.", "Write its text here.")
    return UpdateText(
        **document.values,
        html=markdown.to_html(document.body),
        text=markdown.to_text(document.body),
    )


def _send_at(sheet: Sheet) -> datetime | None:
    if "send_at" not in sheet.values:
        return None
    value = sheet.values["send_at"]
    if not isinstance(value, datetime) or value.tzinfo is None:
        sheet.add(
            "send_at",
            "“send_at” must be a moment: day, time and time zone.",
            "Write: send_at = 2026-01-31T09:00:00Z (the Z means UTC)",
        )
        return None
    return value.astimezone(UTC)


def _is_folder(
    path: Path, form: re.Pattern[str], problems: Problems, *, reserved: Collection[str] = ()
) -> bool:
    """Whether `path` is a folder. Its name becomes a part of an address, so it must be fit."""
    name = path.resolve().name
    if not path.is_dir():
        problems.add(path, 1, "There is no such folder.", _remedy_for_place(path))
    elif not form.fullmatch(name):
        problems.add(path, 1, f"The folder's name “{name}” does not fit an address.", _NAMING)
    elif name in reserved:
        problems.add(path, 1, f"The service uses the name “{name}” itself.", "Rename the folder.")
    return path.is_dir()


def _remedy_for_place(path: Path) -> str:
    """What to name instead of `path`, which is no folder."""
    meant = PETITIONS_FOLDER / path
    return f"There is {meant}: name that." if meant.is_dir() else "Name the folder, not a file."


def _refuse_other_texts(folder: Path, languages: Sequence[str], problems: Problems) -> None:
    """Note texts in languages that petition.toml does not name: nobody would see them."""
    for file in sorted(folder.glob("*.md")):
        if _LANGUAGE.fullmatch(file.stem) and file.stem not in languages:
            problems.add(
                file,
                1,
                f"The petition does not name the language “{file.stem}”.",
                f"Add it to the languages in {PETITION_FILE}, or delete this file.",
            )
