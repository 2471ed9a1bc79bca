"""Packs files into a zip, and takes them out of one that strangers may have made."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from chalicelib.rendering.source_files import MAX_FILE_BYTES

MAX_FILES: Final = 800
"""In a zip: a hundred updates in seven languages, and what belongs to a petition."""
_MOMENT: Final = (2020, 1, 1, 0, 0, 0)
"""The same files make the same zip."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of files, by their paths in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for path, each in files.items():
            entry = zipfile.ZipInfo(path, date_time=_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, each)
    return content.getvalue()


def unpacked(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files, and in place of zips those in them: at most so many of so many bytes in all zips.

    A zip that cannot be read, or holds more than there is room for, stays as it is.
    """
    found: dict[str, bytes] = {}
    for name, content in files.items():
        room = MAX_FILES - len(found)
        is_zip = name.lower().endswith(".zip")
        found |= (_from_zip(content, room) if is_zip else {}) or {name: content}
    return found


def _from_zip(content: bytes, room: int) -> Mapping[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            entries = [entry for entry in file.infolist() if _is_wanted(entry.filename)]
            if len(entries) > room:
                return {}
            # One byte more than may be: an entry can be larger than it says.
            return {entry.filename: file.open(entry).read(MAX_FILE_BYTES + 1) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}


def _is_wanted(name: str) -> bool:
    """Whether an entry is a file, and none that systems add, as `.DS_Store` and `__MACOSX/` are."""
    parts = PurePosixPath(name).parts
    return not name.endswith("/") and not any(part.startswith((".", "__")) for part in parts)
