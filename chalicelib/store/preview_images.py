"""Pictures that go with a petition's link where it is shared, in the table of petitions."""

from hashlib import sha256

from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table


def get(table: Table, slug: str, language: str) -> bytes:
    """Q21: the picture (PNG) of a petition in a language. Raises NotFound."""
    item = table.find(keys.preview_image(slug, language))
    if item is None:
        raise NotFound
    return bytes(item["picture"])


def save(table: Table, slug: str, language: str, picture: bytes) -> bool:
    """Store a picture (PNG, at most some 300 KB: an item holds 400); False if it was there."""
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
