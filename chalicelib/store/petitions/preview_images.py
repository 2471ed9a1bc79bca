"""Preview images of petitions, in the table of petitions."""

import logging
from hashlib import sha256
from typing import Final

from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table

log = logging.getLogger(__name__)

_PNG: Final = b"\x89PNG\r\n\x1a\n"
"""The first bytes of every PNG (PNG specification, section 5.2)."""


def get(table: Table, slug: str, language: str) -> bytes:
    """Q21: the preview image of a petition in a language. Raises NotFound, also if it is no PNG."""
    item = table.find(keys.preview_image(slug, language))
    if item is None:
        raise NotFound
    picture = item.get("picture")
    if not (isinstance(picture, bytes) and picture.startswith(_PNG)):
        log.error("preview image of %s in %s is no PNG: refused", slug, language)
        raise NotFound
    return picture


def save(table: Table, slug: str, language: str, picture: bytes) -> bool:
    """Q21: store an image (PNG, at most 300 KB: an item has 400). False if it is stored already."""
    digest = sha256(picture).hexdigest()
    try:
        table.put(
            keys.preview_image(slug, language),
            {"picture": picture, "digest": digest},
            condition="attribute_not_exists(pk) OR digest <> :digest",
            values={":digest": digest},
        )
    except ConditionFailed:
        return False
    return True
