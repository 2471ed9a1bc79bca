"""Changes of signatures, as the records of the table's stream describe them."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.integrity import tally
from chalicelib.domain.integrity.tally import Image, SignatureChange
from chalicelib.domain.petitions.petition import SLUG
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import deserialize


def read(record: Mapping[str, Any]) -> SignatureChange | None:
    """The change of a signature; None for an item in a partition in which it cannot be."""
    slug = _slug(record)
    if not slug:
        return None
    return SignatureChange(
        slug=slug,
        sequence=tally.sequence(record["SequenceNumber"]),
        differences=tally.differences(
            _image(record.get("OldImage")), _image(record.get("NewImage"))
        ),
    )


def _slug(record: Mapping[str, Any]) -> str:
    key = {name: str(value["S"]) for name, value in record["Keys"].items()}
    slug = key[keys.PK].rpartition("#")[0]
    return slug if SLUG.fullmatch(slug) and key == keys.signature(slug, key[keys.SK]) else ""


def _image(item: dict[str, Any] | None) -> Image | None:
    """The image of an item. None for a damaged one: it counts as little as one that is missing."""
    if not item:
        return None
    # No other attribute is read, so that none can stop the tally.
    attributes: dict[str, Any] = {name: item[name] for name in ("state", "country") if name in item}
    try:
        return Image.of(deserialize(attributes) or {})
    except (KeyError, ValueError):
        return None
