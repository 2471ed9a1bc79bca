"""Draws the preview images of a petition's link, which networks show with it, one a language.

An image has the picture, the target and the title; without a picture, as many demands as fit. Its
colours are those of the style sheet. 1,200 by 630 pixels is what networks agree on (Open Graph).
"""

import io
from collections.abc import Mapping
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from chalicelib.domain.petitions.petition import Petition, PetitionText
from chalicelib.domain.petitions.picture import MediaType, Picture, preview_type
from chalicelib.rendering import assets, translations
from ops.content import typesetting
from ops.content.pictures import svg
from ops.content.pictures.encoding import encoded, first_within
from ops.content.typesetting import BOLD, REGULAR, Block

SIZE: Final = (1200, 630)
ADDRESSED: Final = "To: %(target)s"
DEMANDED: Final = "What we demand"
MOST_BYTES: Final = 60_000
"""A phone on a slow line loads it before it shows the link."""

_MARGIN: Final = 80
_WIDTH: Final = SIZE[0] - 2 * _MARGIN
_SMALL: Final = 30
_RULE: Final = 12
"""Pixels of the amber line."""
_TITLE_SIZES: Final = range(92, 43, -4)
_TITLE_LINES: Final = 4
_TOP: Final = 72
_BOTTOM: Final = 64
_DEMAND_LINES: Final = 5
_BETWEEN: Final = 16
"""Pixels between the target and the title, and below the heading of the demands."""

_TITLE_SIZES_BELOW: Final = range(64, 39, -4)
_TITLE_LINES_BELOW: Final = 3
_LOWEST: Final = 350
"""Pixels: the least height of the picture, which is what the words leave."""
_CLOSE: Final = 6
"""Pixels between the target and the title."""
_PADDING: Final = (26, 38)
"""Pixels above and below the words under the picture."""

_COLOURS: Final = (256, 160, 96, 48, 24)
_QUALITIES: Final = range(88, 29, -4)
_ARCS: Final = range(130, 900, 70)
"""Radii of the waves of a call, in pixels."""
_OVERSAMPLED: Final = 3


def draw_all(petition: Petition, content: bytes = b"") -> Mapping[str, bytes]:
    """The image of a petition in each of its languages; `content` is that of its picture."""
    pixels = _pixels(petition.picture, content) if petition.picture and content else None
    media_type = preview_type(petition.picture)
    return {
        language: draw(text, language, pixels, media_type)
        for language, text in petition.texts.items()
    }


def draw(
    text: PetitionText,
    language: str,
    picture: Image.Image | None = None,
    media_type: MediaType = MediaType.PNG,
) -> bytes:
    """The image of a petition in one language: the same text makes the same bytes."""
    translate = translations.catalogue(language).gettext
    addressed = _line(translate(ADDRESSED) % {"target": text.target}, REGULAR)
    if picture is not None:
        image = _below(picture, addressed, text.title)
    else:
        image = _with_demands(addressed, text, _line(translate(DEMANDED), BOLD))
    return _to_jpeg(image) if media_type is MediaType.JPG else _to_png(image)


def _below(picture: Image.Image, addressed: Block, title: str) -> Image.Image:
    """The picture over the whole width, and the words below it."""
    above, below = _PADDING
    others = _RULE + above + addressed.height + _CLOSE + below
    written = typesetting.largest(
        title,
        _TITLE_SIZES_BELOW,
        _WIDTH,
        height=SIZE[1] - _LOWEST - others,
        most_lines=_TITLE_LINES_BELOW,
    )
    colours = assets.colours()
    image = Image.new("RGB", SIZE, colours["band"])
    height = SIZE[1] - others - written.height
    image.paste(ImageOps.fit(picture, (SIZE[0], height)))
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, height, SIZE[0], height + _RULE - 1), fill=colours["warm"])
    y = addressed.write(drawing, _MARGIN, height + _RULE + above, colours["band-soft"])
    written.write(drawing, _MARGIN, y + _CLOSE, colours["on-band"])
    return image


def _with_demands(addressed: Block, text: PetitionText, demanded: Block) -> Image.Image:
    """The title on top and the demands at the foot, on the waves of a call."""
    headings = [f"{demand.number}. {demand.heading}" for demand in text.demands]
    demands = typesetting.block(headings, REGULAR, _SMALL, _WIDTH, most_lines=_DEMAND_LINES)
    low = demanded.height + _BETWEEN + demands.height + _BOTTOM
    title = typesetting.largest(
        text.title,
        _TITLE_SIZES,
        _WIDTH,
        height=SIZE[1] - _TOP - addressed.height - 3 * _BETWEEN - low,
        most_lines=_TITLE_LINES,
    )
    colours = assets.colours()
    image = _waves(colours["band"], colours["band-soft"])
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 0, SIZE[0], _RULE), fill=colours["warm"])
    y = addressed.write(drawing, _MARGIN, _TOP, colours["band-soft"])
    title.write(drawing, _MARGIN, y + _BETWEEN, colours["on-band"])
    y = demanded.write(drawing, _MARGIN, SIZE[1] - low, colours["warm"])
    demands.write(drawing, _MARGIN, y + _BETWEEN, colours["on-band"])
    return image


def _waves(ground: str, line: str) -> Image.Image:
    """Circles around the lower right corner, fainter as they grow."""
    width, height = (side * _OVERSAMPLED for side in SIZE)
    large = Image.new("RGB", (width, height), ground)
    drawing = ImageDraw.Draw(large)
    for radius in _ARCS:
        share = 1 - (radius - _ARCS.start) / (_ARCS.stop - _ARCS.start)
        reach = radius * _OVERSAMPLED
        box = (width - reach, height - reach, width + reach, height + reach)
        drawing.ellipse(box, outline=_mixed(ground, line, share * 0.2), width=6 * _OVERSAMPLED)
    return large.resize(SIZE, Image.Resampling.LANCZOS)


def _mixed(ground: str, line: str, share: float) -> tuple[int, ...]:
    pairs = zip(_levels(ground), _levels(line), strict=True)
    return tuple(round(first + (second - first) * share) for first, second in pairs)


def _levels(colour: str) -> bytes:
    return bytes.fromhex(colour.lstrip("#"))


def _line(text: str, name: str) -> Block:
    return typesetting.block([text], name, _SMALL, _WIDTH, most_lines=1)


def _pixels(picture: Picture, content: bytes) -> Image.Image:
    if picture.media_type is MediaType.SVG:
        return svg.draw(content, SIZE[0]).convert("RGB")
    return Image.open(io.BytesIO(content)).convert("RGB")


def _to_png(image: Image.Image) -> bytes:
    """As PNG with a palette, as flat colours and the edges of letters need few shades."""
    palettes = (image.quantize(colours, kmeans=2, dither=Image.Dither.NONE) for colours in _COLOURS)
    return first_within(MOST_BYTES, (encoded(palette, "PNG") for palette in palettes))


def _to_jpeg(image: Image.Image) -> bytes:
    made = (encoded(image, "JPEG", quality=quality, progressive=True) for quality in _QUALITIES)
    return first_within(MOST_BYTES, made)
