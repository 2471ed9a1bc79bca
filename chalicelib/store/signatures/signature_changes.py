"""Changes of signatures, as the records of the table's stream describe them."""

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.integrity import breakdown, tally
from chalicelib.domain.integrity.tally import Image, SignatureChange
from chalicelib.domain.petitions.petition import SLUG
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, deserialize

_READ: Final = ("state", "country", "confirmed_on", "signals", "why")
"""No other attribute is read, so that none can stop the tally."""


def read(record: Mapping[str, Any]) -> SignatureChange | None:
    """The change of a signature; None for an item in a partition in which it cannot be."""
    slug = _slug(record)
    if not slug:
        return None
    old, new = (_attributes(record.get(image)) for image in ("OldImage", "NewImage"))
    return SignatureChange(
        slug=slug,
        sequence=tally.sequence(record["SequenceNumber"]),
        differences=tally.differences(_image(old), _image(new)),
        breakdown=breakdown.differences(old, new),
    )


def _slug(record: Mapping[str, Any]) -> str:
    key = {name: str(value["S"]) for name, value in record["Keys"].items()}
    slug = key[keys.PK].rpartition("#")[0]
    return slug if SLUG.fullmatch(slug) and key == keys.signature(slug, key[keys.SK]) else ""


def _attributes(item: Mapping[str, Any] | None) -> Item:
    """What is read of an item; nothing of one that is missing."""
    if not item:
        return {}
    return deserialize({name: item[name] for name in _READ if name in item}) or {}


def _image(attributes: Item) -> Image | None:
    """The image of an item. None for a damaged one: it counts as little as one that is missing."""
    try:
        return Image.of(attributes)
    except (KeyError, ValueError):
        return None
