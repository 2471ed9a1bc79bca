"""Makes photographs and other pixels small: new pixels in the ratio 5:2, and nothing beside them.

Marks such as place, camera, comments and thumbnails stay in the organiser's file.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from chalicelib.domain.petitions.picture import MAX_BYTES, MediaType
from chalicelib.rendering.pictures.faults import BadPicture, bad
from ops.content.pictures.encoding import encoded

_MAX_SOURCE_BYTES: Final = 30_000_000
_MAX_PIXELS: Final = 60_000_000
"""A file of few bytes can hold more pixels than the memory of a computer."""
_WIDTHS: Final = (1200, 1000, 800, 640)
"""Pixels. The picture is shown up to 680 wide, on screens with two pixels for one."""
_LEAST: Final = 800
"""Pixels: the width of a source below which it is too small."""
_QUALITIES: Final = range(85, 29, -5)
_GOOD: Final = 50
"""The quality below which fewer pixels look better."""
_COLOURS: Final = 64
_FAITHFUL: Final = 2.0
"""Levels of 255: a palette that is nearer to the picture loses nothing that a person sees."""
_FORMATS: Final = {MediaType.JPG: "JPEG", MediaType.PNG: "PNG"}


def shrink(content: bytes, media_type: MediaType) -> tuple[bytes, MediaType, int]:
    """A picture's bytes, their media type and its width in pixels. Raises BadPicture."""
    if len(content) > _MAX_SOURCE_BYTES:
        what = f"The file has {len(content):,} bytes; at most {_MAX_SOURCE_BYTES:,} are read."
        raise bad(what, "Save it smaller.")
    pixels = _cropped(_upright(content, media_type))
    for width in _WIDTHS:
        if width <= pixels.width:
            lowest = _GOOD if width > _WIDTHS[-1] else 0
            scaled = pixels.resize((width, width * 2 // 5), Image.Resampling.LANCZOS)
            for made, made_type in _made(scaled, lowest):
                if len(made) <= MAX_BYTES:
                    return made, made_type, width
    what = f"The picture cannot be made smaller than {MAX_BYTES:,} bytes."
    raise bad(what, "Choose one with fewer details, or a smooth background.")


def _upright(content: bytes, media_type: MediaType) -> Image.Image:
    """The pixels as a person sees them, in sRGB, with nothing beside them. Raises BadPicture."""
    name = _FORMATS[media_type]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(content), formats=[name])
            if opened.width * opened.height > _MAX_PIXELS:
                raise _too_many_pixels()
            if media_type is MediaType.PNG and getattr(opened, "n_frames", 1) > 1:
                raise bad("The picture moves.", "Save one image of it: a picture stands still.")
            opened.load()
            turned = ImageOps.exif_transpose(opened)
            return _plain(turned)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError) as error:
        what = f"This is not a whole {name}."
        raise bad(what, "Save the picture again under the ending that fits it.") from error


def _too_many_pixels() -> BadPicture:
    what = f"The picture has more than {_MAX_PIXELS:,} pixels."
    return bad(what, "Save it smaller.")


def _plain(image: Image.Image) -> Image.Image:
    """Red, green and blue on white."""
    if image.mode.startswith("I"):
        # 16 bits of grey, of which Pillow would keep the lower eight.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _in_srgb(image, profile)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        image = Image.new("RGBA", over.size, "white")
        image.alpha_composite(over)
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours that a profile means; those of the numbers if it cannot be read."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return made or image


def _cropped(pixels: Image.Image) -> Image.Image:
    """The middle of a picture in the ratio 5:2. Raises BadPicture if it is too small."""
    width = min(pixels.width, pixels.height * 5 // 2)
    if width < _LEAST:
        what = (
            f"The picture has {pixels.width:,} × {pixels.height:,} pixels; of these, "
            f"{width:,} × {width * 2 // 5:,} would be shown."
        )
        raise bad(what, f"Take one of at least {_LEAST} × {_LEAST * 2 // 5}; best are 1200 × 480.")
    height = width * 2 // 5
    left, top = (pixels.width - width) // 2, (pixels.height - height) // 2
    return pixels.crop((left, top, left + width, top + height))


def _made(pixels: Image.Image, lowest: int) -> Iterator[tuple[bytes, MediaType]]:
    """The picture in ever fewer bytes: as a palette if that is faithful, then as JPEG."""
    palette = pixels.quantize(_COLOURS, dither=Image.Dither.NONE)
    lost = ImageStat.Stat(ImageChops.difference(palette.convert("RGB"), pixels)).rms
    if max(lost) < _FAITHFUL:
        yield encoded(palette, "PNG"), MediaType.PNG
    for quality in _QUALITIES:
        if quality >= lowest:
            made = encoded(pixels, "JPEG", quality=quality, progressive=True)
            yield made, MediaType.JPG
