"""Sets text in lines for pictures: as large as it fits, wrapped at words, cut where it must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import font_source_serif_pro
from PIL import ImageDraw, ImageFont

REGULAR: Final = "SourceSerifPro"
BOLD: Final = "SourceSerifProSemibold"
_LEADING: Final = 1.18


@dataclass(frozen=True, kw_only=True)
class Block:
    """Lines of text in one size; `height` is that of all of them, in pixels."""

    lines: Sequence[str]
    font: ImageFont.FreeTypeFont

    @property
    def leading(self) -> int:
        """Pixels from one line to the next."""
        return round(self.font.size * _LEADING)

    @property
    def height(self) -> int:
        """Pixels."""
        return self.leading * len(self.lines)

    def write(self, drawing: ImageDraw.ImageDraw, x: int, y: int, colour: str) -> int:
        """Write the lines from this place on; returns the y below them."""
        for line in self.lines:
            drawing.text((x, y), line, font=self.font, fill=colour)
            y += self.leading
        return y


def block(
    paragraphs: Sequence[str], name: str, size: int, width: int, *, most_lines: int | None = None
) -> Block:
    """Paragraphs wrapped into at most `most_lines` lines; an ellipsis stands for the rest."""
    used = font(name, size)
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph, used, width)]
    if most_lines is not None and len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _truncated(lines[most_lines - 1], used, width)]
    return Block(lines=lines, font=used)


def largest(text: str, sizes: Sequence[int], width: int, *, height: int, most_lines: int) -> Block:
    """A text in bold type, in the first of `sizes` in which it fits, or cut in the last.

    Its lines are of about one length.
    """
    for size in sizes:
        fitting = block([text], BOLD, size, width)
        if len(fitting.lines) <= most_lines and fitting.height <= height:
            return _balanced(text, size, width, len(fitting.lines))
    return block([text], BOLD, sizes[-1], width, most_lines=most_lines)


def _balanced(text: str, size: int, width: int, lines: int) -> Block:
    """The text in so many lines, in the narrowest column that holds them."""
    narrowest = width
    for narrower in range(width, 0, -size // 2):
        fitting = block([text], BOLD, size, narrower)
        if len(fitting.lines) > lines or max(map(fitting.font.getlength, fitting.lines)) > narrower:
            break
        narrowest = narrower
    return block([text], BOLD, size, narrowest)


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of a size in pixels."""
    return ImageFont.truetype(font_source_serif_pro.font_files_ttf[name], size)


def _wrapped(paragraph: str, used: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in paragraph.split():
        longer = f"{lines[-1]} {word}".strip()
        if used.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _truncated(line: str, used: ImageFont.FreeTypeFont, width: int) -> str:
    while used.getlength(line + " …") > width:
        line = line.rpartition(" ")[0]
    return line + " …"
