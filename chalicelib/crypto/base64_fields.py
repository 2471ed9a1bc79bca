"""Bytes in JSON files, as text in base64."""

import base64
from typing import Any


def encode(raw: bytes) -> str:
    """The text of these bytes."""
    return base64.b64encode(raw).decode()


def decode(text: Any, length: int | None = None) -> bytes:
    """The bytes of a text, `length` of them if that is given.

    Raises ValueError or TypeError for anything else.
    """
    raw = base64.b64decode(text, validate=True)
    if length is not None and len(raw) != length:
        raise ValueError(f"{length} bytes are expected, not {len(raw)}")
    return raw
