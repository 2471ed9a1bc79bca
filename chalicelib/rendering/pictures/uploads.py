"""Makes a petition's pictures of files that a browser sends: cleaned, never drawn anew.

Lambda has no library that draws. So a photograph must fit as it is; the desk's script cuts and
shrinks it in the browser before it is sent.
"""

from typing import Final

from chalicelib.domain.petitions.picture import (
    MAX_BYTES,
    MAX_SIDE,
    MediaType,
    Picture,
    digest_of,
)
from chalicelib.rendering.pictures import jpeg, png, svg_cleaning
from chalicelib.rendering.pictures.faults import bad

_LEAST: Final = 640
"""Pixels: the width of a photograph below which it is too small."""
_BEFORE_XML: Final = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Marks of encodings, and space."""
PREVIEW_SIZE: Final = (1200, 630)
"""Pixels of the image that networks show with a link (Open Graph)."""
MAX_PREVIEW_BYTES: Final = 100_000


def picture_of(content: bytes) -> tuple[Picture, bytes]:
    """The picture that a file makes, and its bytes. Raises BadPicture."""
    media_type = MediaType.of(content)
    if media_type is None:
        if not content.lstrip(_BEFORE_XML).startswith(b"<"):
            raise bad(
                "This is no SVG, JPEG or PNG, or the file is damaged.",
                "Save the picture again in one of these formats.",
            )
        content, media_type = svg_cleaning.clean(content), MediaType.SVG
        width, height = svg_cleaning.WIDTH, svg_cleaning.HEIGHT
    else:
        content, width, height = _only_pixels(content, media_type)
        _check_sides(width, height)
    if len(content) > MAX_BYTES:
        what = f"The picture takes {len(content):,} bytes; at most {MAX_BYTES:,} fit."
        raise bad(what, "Choose it again with scripts allowed: your browser then makes it smaller.")
    picture = Picture(media_type=media_type, digest=digest_of(content), width=width, height=height)
    return picture, content


def preview_image_of(content: bytes) -> bytes:
    """The bytes of a preview image, with nothing but its pixels. Raises BadPicture."""
    media_type = MediaType.of(content)
    if media_type is None or len(content) > MAX_PREVIEW_BYTES:
        raise bad("This is no small PNG or JPEG.", "Draw it again.")
    content, *size = _only_pixels(content, media_type)
    if tuple(size) != PREVIEW_SIZE:
        raise bad("The image is not 1200 × 630 pixels.", "Draw it again.")
    return content


def _only_pixels(content: bytes, media_type: MediaType) -> tuple[bytes, int, int]:
    if media_type is MediaType.PNG:
        return png.only_pixels(content)
    return jpeg.only_pixels(content)


def _check_sides(width: int, height: int) -> None:
    """Raise BadPicture unless the sides are those of a picture, five to two."""
    if not _LEAST <= width <= MAX_SIDE or abs(width * 2 - height * 5) >= 5:
        what = f"The picture has {width:,} × {height:,} pixels; it must be five wide to two high."
        raise bad(what, f"Cut it to 1200 × 480 pixels, or at least {_LEAST} × {_LEAST * 2 // 5}.")
