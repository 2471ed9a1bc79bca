"""Preview images of petitions, in the table of petitions."""

from hashlib import sha256

from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table


def get(table: Table, slug: str, language: str) -> bytes:
    """Q21: the preview image (PNG) of a petition in a language. Raises NotFound."""
    item = table.find(keys.preview_image(slug, language))
    if item is None:
        raise NotFound
    return bytes(item["picture"])


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
