"""Takes everything out of a PNG but its pixels (PNG specification, third edition)."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from chalicelib.rendering.pictures.faults import BadPicture, bad

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_CHANNELS: Final = {0: 1, 2: 3, 3: 1}
"""Values of a pixel by colour type: grey, colours, palette. Types 4 and 6 are transparent."""
_DEPTHS: Final = (1, 2, 4, 8, 16)


def only_pixels(content: bytes) -> tuple[bytes, int, int]:
    """The file with nothing but its pixels, and its width and height. Raises BadPicture."""
    chunks = list(_chunks(content))
    names = [name for name, _ in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or names.count(b"IHDR") > 1:
        raise _not_whole()
    if b"acTL" in names:
        raise bad("The picture moves.", "Save one image of it: a picture stands still.")
    width, height, depth, colour, interlaced = _header(chunks[0][1])
    if b"tRNS" in names or colour in (4, 6):
        raise bad(
            "The picture lets the page show through.", "Save it without transparency, or as a JPEG."
        )
    if colour not in _CHANNELS or depth not in _DEPTHS or interlaced:
        raise _not_whole()
    row = 1 + (width * _CHANNELS[colour] * depth + 7) // 8
    _check_pixels(b"".join(data for name, data in chunks if name == b"IDAT"), height * row)
    kept = b"".join(_chunk(name, data) for name, data in chunks if name in _KEPT)
    return _SIGNATURE + kept, width, height


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and data up to the end of the image; what stands behind it is left out."""
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(content) or content[at - 4 : at] != struct.pack(">I", zlib.crc32(name + data)):
            raise _not_whole()
        yield name, data
        if name == b"IEND":
            return


def _header(data: bytes) -> tuple[int, int, int, int, int]:
    """Width, height, bits of a value, colour type and whether the rows are interlaced."""
    if len(data) != 13:
        raise _not_whole()
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
    if not (0 < width < 10_000 and 0 < height < 10_000):
        raise _not_whole()
    return width, height, depth, colour, interlaced


def _check_pixels(data: bytes, size: int) -> None:
    """Raise BadPicture unless the data are so many bytes of pixels, and nothing behind them."""
    reader = zlib.decompressobj()
    try:
        pixels = reader.decompress(data, size + 1)
    except zlib.error as error:
        raise _not_whole() from error
    if len(pixels) != size or not reader.eof or reader.unused_data:
        raise _not_whole()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _not_whole() -> BadPicture:
    return bad("This is not a whole PNG that can be shown.", "Save it again, not interlaced.")
