"""Conversion of items between Python and DynamoDB, by boto3's converter.

Whole numbers are ints instead of Decimals, and binaries are bytes. Moments are stored as whole
milliseconds since 1970, UTC.
"""

import operator
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.store.keys import EXPIRES_AT

Item = dict[str, Any]
MAX_ITEM_BYTES: Final = 400 * 1024
_CONTAINER_BYTES: Final = 3
_NUMBER_BYTES: Final = 21
"""The most that a number takes."""


class _Serializer(TypeSerializer):
    def serialize(self, value: Any) -> Any:
        if isinstance(value, (set, frozenset)) and not value:
            # boto3 writes an empty set, and DynamoDB then refuses the whole request.
            raise TypeError("an empty set cannot be stored")
        return super().serialize(value)

    def _serialize_n(self, value: Any) -> str:
        # Raises TypeError for a Decimal, because numbers are read as ints.
        return f"{operator.index(value):d}"


class _Deserializer(TypeDeserializer):
    def _deserialize_n(self, value: str) -> int | Decimal:
        try:
            return int(value)
        except ValueError:
            # No reader takes a fraction, but one of them must not stop the reading of others.
            return Decimal(value)

    def _deserialize_b(self, value: bytes) -> bytes:
        return value


_writer: Final = _Serializer()
_reader: Final = _Deserializer()


def serialize(values: Mapping[str, Any]) -> Any:
    """Python values as DynamoDB's typed values.

    Raises TypeError for floats, Decimals, empty sets and types that boto3 does not know.
    """
    return {name: _writer.serialize(value) for name, value in values.items()}


def deserialize(item: Mapping[str, Any] | None) -> Item | None:
    """DynamoDB's typed values as Python values; None stays None."""
    if item is None:
        return None
    return {name: _reader.deserialize(value) for name, value in item.items()}


def item_bytes(item: Mapping[str, Any]) -> int:
    """The most that an item takes: names and values (developer guide, "Item sizes and formats")."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return _CONTAINER_BYTES + len(value) + item_bytes(value)
    if isinstance(value, list | tuple):
        return _CONTAINER_BYTES + sum(1 + _value_bytes(part) for part in value)
    return _NUMBER_BYTES


def to_milliseconds(moment: datetime) -> int:
    """An aware moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def to_moment(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as an aware moment in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_epoch(moment: datetime) -> int:
    """An aware moment as whole seconds since 1970, for DynamoDB's TTL."""
    return int(moment.timestamp())


def is_live(item: Item, now: datetime) -> bool:
    """Whether an item has not expired at `now`: DynamoDB deletes expired items late."""
    return bool(item.get(EXPIRES_AT, to_epoch(now)) >= to_epoch(now))
