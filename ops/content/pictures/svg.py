"""Draws SVGs, and refuses those of which nothing is to be seen."""

import io
from typing import Final

import resvg_py
from PIL import Image

from chalicelib.rendering.pictures import svg_cleaning
from chalicelib.rendering.pictures.faults import bad

_OPAQUE: Final = 250
"""Of 255: what is less lets the page show through at an edge that a person sees."""


def clean(content: bytes) -> bytes:
    """A picture of 5:2 with all of an SVG that is allowed. Raises BadPicture."""
    cleaned = svg_cleaning.clean(content)
    _check_drawing(draw(cleaned, svg_cleaning.WIDTH))
    return cleaned


def draw(content: bytes, width: int) -> Image.Image:
    """A cleaned SVG in pixels, with transparency. Raises BadPicture if nothing can draw it."""
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=content.decode(), width=width, skip_system_fonts=True
        )
    except ValueError as error:
        raise bad(f"It cannot be drawn: {error}.", "Save the picture again.") from error
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


def _check_drawing(drawn: Image.Image) -> None:
    """Raise BadPicture if nothing is to be seen, or if the page would show through."""
    if any(drawn.getchannel("A").histogram()[:_OPAQUE]):
        what = "The picture has no ground of its own, and lies on dark and on light pages."
        raise bad(what, "Add a first part that fills it: <rect width=… height=… fill=…/>")
    if drawn.convert("RGB").getcolors(maxcolors=1):
        raise bad("The picture shows nothing but one colour.", "Draw something.")
