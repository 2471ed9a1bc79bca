"""Petitions' pictures: as parts of their items, and their bytes in items of their own."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.picture import (
    FILE_NAME,
    MAX_SIDE,
    MediaType,
    Picture,
    digest_of,
)
from chalicelib.store import keys
from chalicelib.store.dynamodb.table import Table, Write

log = logging.getLogger(__name__)


def get(table: Table, slug: str, file_name: str) -> bytes:
    """Q33: the bytes of a picture. Raises NotFound, also if its name is not of these bytes.

    Reads consistently: a page may ask for it as soon as its petition is published.
    """
    item = table.find(keys.picture(slug, file_name), consistent=True)
    if item is None:
        raise NotFound
    content = item.get("content")
    if not isinstance(content, bytes) or not file_name.startswith(digest_of(content)):
        log.error("picture %s of %s was not written by publishing: refused", file_name, slug)
        raise NotFound
    return content


def save(table: Table, slug: str, picture: Picture, content: bytes) -> None:
    """Q33: store the bytes of a picture."""
    table.put(keys.picture(slug, picture.file_name), {"content": content})


def replacing(
    slug: str, picture: Picture | None, content: bytes, *, former: Picture | None
) -> Sequence[Write]:
    """Q33: what stores the bytes of a picture and deletes the former, within a transaction."""
    writes = []
    if picture and content:
        key = keys.picture(slug, picture.file_name)
        writes.append(Write(key=key, item={"content": content}))
    if former and (picture is None or former.file_name != picture.file_name):
        writes.append(Write(key=keys.picture(slug, former.file_name)))
    return writes


def from_item(values: Mapping[str, Any]) -> Picture:
    """The picture of a part of an item. Raises what `validated` catches."""
    return Picture(**{**values, "media_type": MediaType(values["media_type"])})


def can_be_shown(picture: Picture) -> bool:
    """Whether pages can link to it and reckon with its pixels."""
    sides = (picture.width, picture.height)
    return bool(FILE_NAME.fullmatch(picture.file_name)) and 0 < min(sides) <= max(sides) <= MAX_SIDE
