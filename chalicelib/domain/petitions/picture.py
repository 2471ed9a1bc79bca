"""A petition's picture: what is known of it; its bytes are stored beside the petition."""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

FILE_NAME: Final = re.compile(r"[0-9a-f]{16}\.(?:svg|jpg|png)")
MAX_BYTES: Final = 25_000
MAX_SIDE: Final = 1200
"""Pixels."""


class MediaType(StrEnum):
    """The media types that a picture can have."""

    SVG = "image/svg+xml"
    JPG = "image/jpeg"
    PNG = "image/png"

    @classmethod
    def of(cls, content: bytes) -> "MediaType | None":
        """The media type of a PNG or JPEG; None for other bytes."""
        return next((kind for kind, start in _STARTS.items() if content.startswith(start)), None)

    @property
    def extension(self) -> str:
        """What the names of its files end in."""
        return self.name.lower()


_STARTS: Final = {MediaType.PNG: b"\x89PNG\r\n\x1a\n", MediaType.JPG: b"\xff\xd8\xff"}
"""The first bytes of every PNG (PNG specification, section 5.2) and JPEG (ITU-T T.81, B.2.1)."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of so many pixels; an SVG is drawn in any size. `digest` is that of its bytes."""

    media_type: MediaType
    digest: str
    width: int
    height: int

    @property
    def file_name(self) -> str:
        """The name under which it is served: other bytes have another name."""
        return f"{self.digest}.{self.media_type.extension}"


def preview_type(picture: Picture | None) -> MediaType:
    """The media type of the preview images with this picture: photographs need JPEG."""
    is_photograph = picture is not None and picture.media_type is MediaType.JPG
    return MediaType.JPG if is_photograph else MediaType.PNG


def digest_of(content: bytes) -> str:
    """The digest of a picture's bytes: 16 hexadecimal digits of their SHA-256."""
    return sha256(content).hexdigest()[:16]
