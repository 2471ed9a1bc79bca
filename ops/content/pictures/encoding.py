"""Writes pixels as files."""

import io
from collections.abc import Iterable

from PIL import Image


def encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    """An image as a file of a kind, PNG or JPEG, and nothing beside its pixels."""
    file = io.BytesIO()
    image.save(file, kind, optimize=True, **options)
    return file.getvalue()


def first_within(limit: int, candidates: Iterable[bytes]) -> bytes:
    """The first of the candidates of at most `limit` bytes, else the last."""
    made = b""
    for made in candidates:
        if len(made) <= limit:
            break
    return made
