"""A picture that comes from a browser loses all but its pixels, and must fit as it is."""

import contextlib
import io
import struct
import zlib
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from chalicelib.domain.petitions.picture import MAX_BYTES, MediaType
from chalicelib.rendering.pictures import uploads
from chalicelib.rendering.pictures.faults import BadPicture
from tests import builders

MARK = b"Anna of Minsk"


def image(mode: str = "RGB", size: tuple[int, int] = (800, 320)) -> Image.Image:
    drawn = Image.new(mode, size, 90)
    drawn.paste(200, (100, 100, 300, 200))
    return drawn


def saved(drawn: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


def marked_png() -> bytes:
    notes = PngInfo()
    notes.add_text("Author", MARK.decode())
    return saved(image(), "PNG", pnginfo=notes) + MARK


def marked_jpeg(**options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x013B] = MARK.decode()
    return saved(image(), exif=exif, comment=MARK, icc_profile=MARK * 9, **options) + MARK


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (marked_png(), MediaType.PNG),
        (marked_jpeg(), MediaType.JPG),
        (marked_jpeg(progressive=True), MediaType.JPG),
        (saved(image("L"), "PNG"), MediaType.PNG),
        (saved(image("L")), MediaType.JPG),
        (saved(image("P"), "PNG"), MediaType.PNG),
    ],
)
def test_the_pixels_stay_and_nothing_else_does(content: bytes, media_type: MediaType) -> None:
    picture, made = uploads.picture_of(content)

    assert (picture.media_type, picture.width, picture.height) == (media_type, 800, 320)
    assert MARK not in made
    before, after = (Image.open(io.BytesIO(each)) for each in (content, made))
    assert not ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert uploads.picture_of(made) == (picture, made)


def test_a_drawing_is_cleaned() -> None:
    picture, made = uploads.picture_of(builders.DRAWING)

    assert (picture.media_type, picture.width, picture.height) == (MediaType.SVG, 1200, 480)
    assert b"<path" in made


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image(), exif=exif)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no SVG, JPEG or PNG"),
        (b"GIF89a", "no SVG, JPEG or PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "script"),
        (turned(), "turns the picture"),
        (saved(image(size=(800, 600))), "five wide to two high"),
        (saved(image(size=(400, 160))), "five wide to two high"),
        (saved(image(size=(1400, 560))), "five wide to two high"),
        (saved(image("RGBA"), "PNG"), "show through"),
        (saved(image("LA"), "PNG"), "show through"),
        (saved(image("P"), "PNG", transparency=1), "show through"),
        (saved(image("CMYK")), "not those of the web|whole JPEG"),
        (saved(image())[:-40], "whole JPEG"),
        (saved(image(), "PNG")[:-40], "whole PNG"),
        (saved(image(), "PNG").replace(b"IDAT", b"IDOT"), "whole PNG"),
        (
            saved(image(), "PNG", save_all=True, append_images=[image("RGB").rotate(180)]),
            "moves",
        ),
        (
            saved(Image.frombytes("RGB", (800, 320), Random(1).randbytes(768_000))),
            f"at most {MAX_BYTES:,}",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(content: bytes, words: str) -> None:
    with pytest.raises(BadPicture) as refused:
        uploads.picture_of(content)

    (fault, *_) = refused.value.faults
    assert fault.remedy
    assert any(word in fault.what for word in words.split("|"))


def test_a_few_bytes_that_unfold_to_very_many_are_not_unfolded() -> None:
    header = struct.pack(">IIBBBBB", 800, 320, 8, 2, 0, 0, 0)
    bomb = zlib.compress(bytes(50_000_000), 9)
    content = saved(image(), "PNG")[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", bomb)

    with pytest.raises(BadPicture):
        uploads.picture_of(content + chunk(b"IEND", b""))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_files_are_refused_or_cleaned_but_never_crash(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([marked_png(), marked_jpeg()])))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(BadPicture):
        picture, made = uploads.picture_of(bytes(content))
        assert len(made) <= MAX_BYTES
        assert picture.width * 2 // 5 - picture.height in (-2, -1, 0, 1, 2)


def test_a_preview_image_has_the_size_that_networks_expect() -> None:
    made = uploads.preview_image_of(saved(image(size=uploads.PREVIEW_SIZE), comment=MARK))

    assert MARK not in made
    for wrong in (b"", builders.DRAWING, saved(image()), bytes(200_000)):
        with pytest.raises(BadPicture):
            uploads.preview_image_of(wrong)
