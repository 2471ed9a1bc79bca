"""Takes everything out of a JPEG but its pixels (ITU-T T.81, annex B; Exif 2.32)."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from chalicelib.rendering.pictures.faults import BadPicture, bad

_FRAMES: Final = (0xC0, 0xC1, 0xC2)
"""Baseline, extended and progressive frames, which every browser shows."""
_KEPT: Final = (*_FRAMES, 0xC4, 0xDB, 0xDD, 0xDA)
"""Besides frames: tables of Huffman and of quantisation, the restart interval, scans."""
_SCAN: Final = 0xDA
_END: Final = 0xD9
_EXIF: Final = 0xE1
_ADOBE: Final = 0xEE
_DATA_END: Final = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""The marker after the data of a scan: neither a stuffed byte nor a restart."""
_ORIENTATION: Final = 0x0112


def only_pixels(content: bytes) -> tuple[bytes, int, int]:
    """The file with nothing but its pixels, and its width and height. Raises BadPicture."""
    kept, size = [b"\xff\xd8"], (0, 0)
    scans = 0
    for marker, data, scanned in _segments(content):
        if marker == _EXIF and _is_turned(data):
            raise bad("A mark in the file turns the picture.", "Save it again, turned for good.")
        if marker == _ADOBE and data.startswith(b"Adobe") and data[11:12] == b"\x00":
            raise bad("The colours are not those of the web.", "Save it again for the web.")
        if marker in _KEPT:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + scanned)
        if marker in _FRAMES:
            size = _size(data, size)
        scans += marker == _SCAN
    if not scans or size == (0, 0):
        raise _not_whole()
    return b"".join([*kept, b"\xff\xd9"]), *size


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Markers with their data, and of a scan what follows it, up to the end of the image."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(content[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(content) or 0xD0 <= marker <= 0xD9:
            raise _not_whole()
        scanned = b""
        if marker == _SCAN:
            found = _DATA_END.search(content, end)
            if found is None:
                raise _not_whole()
            scanned = content[end : found.start()]
        yield marker, content[at + 4 : end], scanned
        at = end + len(scanned)
        if content[at : at + 2] == bytes([0xFF, _END]):
            return
    raise _not_whole()


def _size(data: bytes, before: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the only frame: eight bits, one grey or three colours."""
    if len(data) < 6 or before != (0, 0):
        raise _not_whole()
    bits, height, width, components = struct.unpack_from(">BHHB", data)
    if bits != 8 or components not in (1, 3) or not width or not height:
        raise _not_whole()
    return width, height


def _is_turned(data: bytes) -> bool:
    """Whether Exif says that the picture is to be shown turned or mirrored."""
    order = {b"II": "<", b"MM": ">"}.get(data[6:8])
    if not data.startswith(b"Exif\x00\x00") or order is None:
        return False
    tiff = data[6:]
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return bool(value != 1)
    except struct.error:
        return False
    return False


def _not_whole() -> BadPicture:
    return bad("This is not a whole JPEG that can be shown.", "Save it again for the web.")
