"""A petition's picture: what is known of it; its bytes are stored beside the petition."""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

DIGEST: Final = re.compile(r"[0-9a-f]{16}")
MAX_BYTES: Final = 25_000
MAX_SIDE: Final = 1200
"""Pixels."""


class MediaType(StrEnum):
    """The media types that a picture can have; the name of each is that of its files."""

    SVG = "image/svg+xml"
    JPG = "image/jpeg"
    PNG = "image/png"


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
        return f"{self.digest}.{self.media_type.name.lower()}"


def digest_of(content: bytes) -> str:
    """The digest of a picture's bytes: 16 hexadecimal digits of their SHA-256."""
    return sha256(content).hexdigest()[:16]
