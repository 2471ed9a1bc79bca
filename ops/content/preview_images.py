"""Draws the preview images of a petition's link, which networks show with it: PNG, one a language.

An image has the title, the target and as many demands as fit, in the colours of the style sheet.
1,200 by 630 pixels is what networks agree on (Open Graph).
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import font_source_serif_pro
from PIL import Image, ImageDraw, ImageFont

from chalicelib.domain.petitions.petition import Petition, PetitionText
from chalicelib.rendering import assets, translations

SIZE: Final = (1200, 630)
ADDRESSED: Final = "To: %(target)s"
DEMANDED: Final = "What we demand"
MOST_BYTES: Final = 60_000
"""A phone on a slow line loads it before it shows the link."""

_MARGIN: Final = 80
_TOP: Final = 64
_BOTTOM: Final = 56
_WIDTH: Final = SIZE[0] - 2 * _MARGIN
_TITLE_SIZES: Final = range(92, 43, -4)
_TITLE_LINES: Final = 4
_SMALL: Final = 30
_REGULAR: Final = "SourceSerifPro"
_BOLD: Final = "SourceSerifProSemibold"
_MOST_DEMAND_LINES: Final = 5
_GAPS: Final = (16, 28, 22, 4)
"""Pixels above the title, the rule, the line below it and the demands."""
_LEADING: Final = 1.18
_COLOURS: Final = 48
_VARIABLE: Final = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b")


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Lines of text in one size; `height` is that of all of them, in pixels."""

    lines: Sequence[str]
    font: ImageFont.FreeTypeFont

    @property
    def leading(self) -> int:
        return round(self.font.size * _LEADING)

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


def draw_all(petition: Petition) -> Mapping[str, bytes]:
    """The image of a petition in each of its languages."""
    return {language: draw(text, language) for language, text in petition.texts.items()}


def draw(text: PetitionText, language: str) -> bytes:
    """The image of a petition in one language: the same text makes the same bytes."""
    colours = _colours()
    image = Image.new("RGB", SIZE, colours["band"])
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 0, SIZE[0], 12), fill=colours["warm"])
    translate = translations.catalogue(language).gettext
    target = translate(ADDRESSED) % {"target": text.target}
    addressed = _block([target], _font(_REGULAR, _SMALL), most_lines=1)
    demanded = _block([translate(DEMANDED)], _font(_BOLD, _SMALL), most_lines=1)
    headings = [f"{demand.number}. {demand.heading}" for demand in text.demands]
    demands = _block(headings, _font(_REGULAR, _SMALL), most_lines=_MOST_DEMAND_LINES)
    others = addressed.height + demanded.height + demands.height + sum(_GAPS)
    title = _title(text.title, SIZE[1] - _TOP - _BOTTOM - others)
    y = _write(drawing, _TOP, addressed, colours["band-soft"])
    y = _write(drawing, y + _GAPS[0], title, colours["on-band"]) + _GAPS[1]
    drawing.line((_MARGIN, y, SIZE[0] - _MARGIN, y), fill=colours["band-line"], width=2)
    y = _write(drawing, y + _GAPS[2], demanded, colours["warm"])
    _write(drawing, y + _GAPS[3], demands, colours["on-band"])
    return _to_png(image)


def _title(title: str, height: int) -> _Block:
    """The title as large as it fits into `height` pixels of height."""
    for size in _TITLE_SIZES:
        block = _block([title], _font(_BOLD, size))
        if len(block.lines) <= _TITLE_LINES and block.height <= height:
            return block
    return _block([title], _font(_BOLD, _TITLE_SIZES[-1]), most_lines=_TITLE_LINES)


def _block(
    paragraphs: Sequence[str], font: ImageFont.FreeTypeFont, *, most_lines: int | None = None
) -> _Block:
    """Paragraphs wrapped into at most `most_lines` lines; an ellipsis stands for the rest."""
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph, font)]
    if most_lines is not None and len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _truncated(lines[most_lines - 1], font)]
    return _Block(lines=lines, font=font)


def _wrapped(paragraph: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in paragraph.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= _WIDTH or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _truncated(line: str, font: ImageFont.FreeTypeFont) -> str:
    while font.getlength(line + " …") > _WIDTH:
        line = line.rpartition(" ")[0]
    return line + " …"


def _write(drawing: ImageDraw.ImageDraw, y: int, block: _Block, colour: str) -> int:
    """Write a block at the left margin; returns the y below it."""
    for line in block.lines:
        drawing.text((_MARGIN, y), line, font=block.font, fill=colour)
        y += block.leading
    return y


def _to_png(image: Image.Image) -> bytes:
    """As PNG with a palette, as the edges of letters need few shades."""
    file = io.BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _colours() -> Mapping[str, str]:
    """The colours of the style sheet by day, by the names of their variables."""
    # The colours by day come first.
    return dict(reversed(_VARIABLE.findall(assets.style())))


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_source_serif_pro.font_files_ttf[name], size)
