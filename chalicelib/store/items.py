"""Items as plain Python values, and as DynamoDB writes them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

Item = dict[str, Any]

_serializer: Final = TypeSerializer()
_deserializer: Final = TypeDeserializer()


def packed(values: Mapping[str, Any]) -> Any:
    """Plain values with DynamoDB's types around them."""
    return {name: _serializer.serialize(value) for name, value in values.items()}


def unpacked(item: Mapping[str, Any] | None) -> Item | None:
    """DynamoDB's types taken off; None stays None."""
    if item is None:
        return None
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """Decimals are whole numbers with us, and bytes are bytes."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value.value)  # type: ignore[attr-defined]  # the stubs lack it
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, set):
        return {_plain(inner) for inner in value}
    return value
