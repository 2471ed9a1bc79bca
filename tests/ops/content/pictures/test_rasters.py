"""Photographs become new pixels of few bytes, and nothing that lay beside the pixels is left."""

import io
import struct
import zlib
from collections.abc import Callable
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from chalicelib.domain.petitions.picture import MAX_BYTES, MediaType
from chalicelib.rendering.pictures.faults import BadPicture
from ops.content.pictures import rasters

MARK: Final = "Anna of Minsk"
KEPT: Final = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
"""What the header of every progressive JPEG says."""


def photograph(size: tuple[int, int] = (1600, 900), *, grain: float = 0.04) -> Image.Image:
    """Soft colours with some grain, the same each time."""
    chance = Random(1)
    small = Image.frombytes("RGB", (8, 5), chance.randbytes(8 * 5 * 3))
    return Image.blend(small.resize(size, Image.Resampling.BICUBIC), noise(size), grain)


def noise(size: tuple[int, int]) -> Image.Image:
    """Pixels by chance, the same each time."""
    return Image.frombytes("RGB", size, Random(2).randbytes(size[0] * size[1] * 3))


def poster(size: tuple[int, int] = (1200, 480)) -> Image.Image:
    """A few flat colours with sharp edges."""
    image = Image.new("RGB", size, "teal")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 0, 300, size[1]), fill="gold")
    drawing.ellipse((400, 100, 700, 400), fill="white")
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def shrunk(content: bytes, kind: MediaType = MediaType.JPG) -> Image.Image:
    made, made_type, width = rasters.shrink(content, kind)
    image = opened(made)
    assert len(made) <= MAX_BYTES
    assert MediaType.of(made) is made_type
    assert image.size == (width, width * 2 // 5)
    return image


def refusal(content: bytes, kind: MediaType = MediaType.JPG) -> str:
    with pytest.raises(BadPicture) as refused:
        rasters.shrink(content, kind)
    [fault] = refused.value.faults
    assert fault.remedy
    return fault.what


def test_a_photograph_becomes_a_progressive_jpeg() -> None:
    image = shrunk(saved(photograph(), quality=95))

    assert image.format == "JPEG"
    assert image.info["progressive"]
    assert image.width >= 800


def test_flat_colours_become_a_png_with_a_palette() -> None:
    image = shrunk(saved(poster(), "PNG"), MediaType.PNG)

    assert (image.format, image.mode, image.width) == ("PNG", "P", 1200)


def test_grain_costs_pixels_before_it_costs_quality() -> None:
    smooth, grainy = (shrunk(saved(photograph(grain=grain), quality=95)) for grain in (0, 0.3))

    assert smooth.width == 1200
    assert grainy.width < 1200


def test_noise_that_cannot_be_small_is_refused() -> None:
    coarse = noise((640, 256)).resize((1280, 512), Image.Resampling.NEAREST)

    what = refusal(saved(coarse, "PNG"), MediaType.PNG)

    assert what == "The picture cannot be made smaller than 25,000 bytes."


def with_marks() -> bytes:
    """A JPEG with every mark that cameras and programs leave, and a second file behind it."""
    exif = Image.Exif()
    exif[Base.Artist] = exif[Base.ImageDescription] = exif[Base.Make] = MARK
    place: dict[int, object] = {GPS.GPSLatitude: (53.0, 54.0, 0.0), GPS.GPSAreaInformation: MARK}
    exif.get_ifd(IFD.GPSInfo).update(place)
    exif.get_ifd(IFD.Exif)[Base.UserComment] = MARK
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(
        photograph(),
        quality=90,
        exif=exif.tobytes(),
        xmp=f"<x:xmpmeta>{MARK}</x:xmpmeta>".encode(),
        icc_profile=profile,
        comment=MARK,
    )
    # A segment of Photoshop (APP13), as picture desks use it.
    caption = b"Photoshop 3.0\0" + MARK.encode()
    segment = b"\xff\xed" + struct.pack(">H", len(caption) + 2) + caption
    return content[:2] + segment + content[2:] + f"<script>{MARK}</script>".encode()


def test_no_mark_of_a_photograph_is_left() -> None:
    content = with_marks()
    assert content.count(MARK.encode()) >= 6

    made, _, _ = rasters.shrink(content, MediaType.JPG)

    assert MARK.encode() not in made
    assert not any(name in made for name in (b"Exif", b"ICC_PROFILE", b"http", b"Photoshop"))
    assert set(opened(made).info) <= KEPT
    assert dict(opened(made).getexif()) == {}


def test_no_mark_of_a_png_is_left() -> None:
    marks = PngInfo()
    marks.add_text("Author", MARK)
    marks.add_itxt("XML:com.adobe.xmp", MARK)
    marks.add(b"prVt", MARK.encode())
    exif = Image.Exif()
    exif[Base.Artist] = MARK
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(poster(), "PNG", pnginfo=marks, exif=exif, icc_profile=profile, dpi=(72, 72))
    content += f"<?php {MARK}".encode()

    made, _, _ = rasters.shrink(content, MediaType.PNG)

    chunks = []
    rest = made[8:]
    while rest:
        size = struct.unpack(">I", rest[:4])[0]
        chunks.append(rest[4:8])
        rest = rest[12 + size :]
    assert set(chunks) == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def test_a_photograph_that_lies_on_its_side_is_turned() -> None:
    upright = poster()
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    lying = upright.transpose(Image.Transpose.ROTATE_90)

    image = shrunk(saved(lying, quality=95, exif=exif)).convert("RGB")

    assert image.size == (1200, 480)
    red, _, blue = image.getpixel((20, 240))  # type: ignore[misc]
    assert red > 200
    assert blue < 100


def test_the_middle_of_a_picture_is_published_and_nothing_of_the_rest() -> None:
    tall = Image.new("RGB", (1200, 2000), "red")
    tall.paste(poster(), (0, 760))

    image = shrunk(saved(tall, "PNG"), MediaType.PNG)

    colours = image.convert("RGB").getcolors(maxcolors=4096)
    assert colours
    assert not any(red > 200 and green < 60 for _, (red, green, _) in colours)  # type: ignore[misc]


def test_colours_of_printers_and_wide_screens_look_as_they_did() -> None:
    plain = poster()
    adobe = saved(plain.convert("CMYK"), quality=95)
    grey = saved(plain.convert("L"), quality=95)

    for content, expected in ((adobe, plain), (grey, plain.convert("L").convert("RGB"))):
        found = shrunk(content).convert("RGB").getpixel((550, 240))
        wanted = expected.getpixel((550, 240))
        pairs = zip(found, wanted, strict=True)  # type: ignore[arg-type]
        assert all(abs(one - other) < 24 for one, other in pairs)


def test_a_grey_png_of_16_bits_keeps_its_greys() -> None:
    row = struct.pack("<H", 0xF000) * 600 + struct.pack("<H", 0x8000) * 600
    deep = Image.frombytes("I;16", (1200, 480), row * 480)

    image = shrunk(saved(deep, "PNG"), MediaType.PNG).convert("L")

    assert abs(image.getpixel((900, 240)) - 0x80) <= 2  # type: ignore[operator]
    assert abs(image.getpixel((300, 240)) - 0xF0) <= 2  # type: ignore[operator]


def test_what_is_transparent_becomes_white() -> None:
    ghost = poster().convert("RGBA")
    ghost.paste((0, 0, 0, 0), (0, 0, 300, 480))

    image = shrunk(saved(ghost, "PNG"), MediaType.PNG).convert("RGB")

    assert image.getpixel((20, 240)) == (255, 255, 255)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to no bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def moving(kind: str) -> bytes:
    frames = [poster(), photograph((1200, 480))]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: b"", MediaType.JPG, "not a whole JPEG"),
        (lambda: b"<svg/>", MediaType.PNG, "not a whole PNG"),
        (lambda: saved(poster(), "PNG"), MediaType.JPG, "not a whole JPEG"),
        (lambda: saved(poster()), MediaType.PNG, "not a whole PNG"),
        (lambda: moving("GIF"), MediaType.PNG, "not a whole PNG"),
        (lambda: moving("GIF"), MediaType.JPG, "not a whole JPEG"),
        (lambda: saved(poster(), "WEBP"), MediaType.JPG, "not a whole JPEG"),
        (lambda: moving("PNG"), MediaType.PNG, "moves"),
        (lambda: saved(photograph())[:20_000], MediaType.JPG, "not a whole JPEG"),
        (lambda: saved(photograph(), "PNG")[:20_000], MediaType.PNG, "not a whole PNG"),
        (lambda: png_of(1200, 480), MediaType.PNG, "not a whole PNG"),
        (lambda: png_of(60_000, 60_000), MediaType.PNG, "more than 60,000,000 pixels"),
        (lambda: png_of(2**31 - 1, 2**31 - 1), MediaType.PNG, "more than 60,000,000 pixels"),
        (lambda: png_of(0, 0), MediaType.PNG, "not a whole PNG"),
        (lambda: saved(poster((799, 480))), MediaType.JPG, "799 × 480 pixels"),
        (lambda: saved(poster((4000, 300))), MediaType.JPG, "750 × 300 would be shown"),
        (lambda: bytes(30_000_001), MediaType.JPG, "at most 30,000,000"),
    ],
)
def test_what_is_no_picture_is_refused(
    make: Callable[[], bytes], kind: MediaType, words: str
) -> None:
    assert words in refusal(make(), kind)


SMALL: Final = {MediaType.JPG: saved(poster()), MediaType.PNG: saved(poster(), "PNG")}


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from([MediaType.JPG, MediaType.PNG]),
    at=st.integers(2, 600),
    put=st.binary(min_size=1, max_size=8),
)
def test_damaged_bytes_cause_no_other_error(kind: MediaType, at: int, put: bytes) -> None:
    content = SMALL[kind][:at] + put + SMALL[kind][at + len(put) :]

    try:
        shrunk(content, kind)
    except BadPicture as refused:
        assert refused.faults  # noqa: PT017 - either is right
