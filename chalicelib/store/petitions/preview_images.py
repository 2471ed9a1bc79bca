"""Preview images of petitions, in the table of petitions."""

import logging
from hashlib import sha256

from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.picture import MediaType
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table

log = logging.getLogger(__name__)


def get(table: Table, slug: str, language: str) -> tuple[bytes, MediaType]:
    """Q21: the preview image of a petition in a language, and its media type.

    Raises NotFound, also if it is neither PNG nor JPEG.
    """
    item = table.find(keys.preview_image(slug, language))
    if item is None:
        raise NotFound
    image = item.get("picture")
    if isinstance(image, bytes) and (media_type := MediaType.of(image)):
        return image, media_type
    log.error("preview image of %s in %s is neither PNG nor JPEG: refused", slug, language)
    raise NotFound


def save(table: Table, slug: str, language: str, picture: bytes) -> bool:
    """Q21: store an image (at most 300 KB: an item has 400). False if it is stored already."""
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
