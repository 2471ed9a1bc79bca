"""The picture in a petition's folder: `picture.svg`, `picture.jpg` or `picture.png`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from chalicelib.domain.petitions.picture import MAX_BYTES, MediaType, Picture, digest_of
from chalicelib.rendering.pictures import svg_cleaning
from chalicelib.rendering.pictures.faults import PictureFault, bad
from ops.content.pictures import rasters, svg
from ops.errors import Problem

ENDINGS: Final = {
    ".svg": MediaType.SVG,
    ".jpg": MediaType.JPG,
    ".jpeg": MediaType.JPG,
    ".png": MediaType.PNG,
}


@dataclass(frozen=True, kw_only=True)
class PictureFile:
    """A picture that can be published: what it is, and its bytes."""

    picture: Picture
    content: bytes


def find(folder: Path) -> Sequence[Path]:
    """Every file in a folder that is meant as the picture."""
    return sorted(file for file in folder.glob("picture.*") if file.is_file())


def read(files: Sequence[Path]) -> PictureFile | None:
    """The picture made of the one file among `files`. Raises BadPicture; its file is the last."""
    if not files:
        return None
    if len(files) > 1:
        raise bad(f"There is {files[0].name} as well.", "Keep one picture, and delete the other.")
    media_type = ENDINGS.get(files[0].suffix.lower())
    if media_type is None:
        what = "The picture is neither SVG nor JPEG nor PNG."
        raise bad(what, f"Save it as one of: {', '.join(ENDINGS)}.")
    try:
        content = files[0].read_bytes()
    except OSError as error:
        what = f"This file cannot be read: {error.strerror}."
        raise bad(what, "See who may read it.") from error
    return make(content, media_type)


def content_of(folder: Path) -> bytes:
    """The bytes of a folder's picture, b"" without one. Raises BadPicture."""
    made = read(find(folder))
    return made.content if made else b""


@lru_cache(maxsize=8)
def make(content: bytes, media_type: MediaType) -> PictureFile:
    """The picture made of the bytes of a file. Raises BadPicture."""
    width = svg_cleaning.WIDTH
    if media_type is MediaType.SVG:
        content = svg.clean(content)
    else:
        content, media_type, width = rasters.shrink(content, media_type)
    if len(content) > MAX_BYTES:
        what = f"What is drawn takes {len(content):,} bytes; at most {MAX_BYTES:,} fit."
        raise bad(what, "Simplify the paths, or save the picture as a PNG.")
    picture = Picture(
        media_type=media_type, digest=digest_of(content), width=width, height=width * 2 // 5
    )
    return PictureFile(picture=picture, content=content)


def problems(files: Sequence[Path], faults: Sequence[PictureFault]) -> Sequence[Problem]:
    """What is to correct in the last of `files`."""
    return [
        Problem(file=files[-1], line=fault.line, what=fault.what, remedy=fault.remedy)
        for fault in faults
    ]
