"""Items as plain Python values, and as DynamoDB writes them.

boto3 has such a converter, too, but importing boto3 for it makes every cold start slower. A test
holds the two equal.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from collections.abc import Mapping
from typing import Any, Final

Item = dict[str, Any]

_IN_SETS: Final = frozenset({"S", "N", "B"})
"""The types of which DynamoDB has sets: a set is of one of them, and never empty."""


def packed(values: Mapping[str, Any]) -> Any:
    """Plain values with DynamoDB's types around them. Raises TypeError for what we never keep."""
    return {name: _packed(value) for name, value in values.items()}


def unpacked(item: Mapping[str, Any] | None) -> Item | None:
    """DynamoDB's types taken off; None stays None. Numbers are whole with us, so they are ints."""
    if item is None:
        return None
    return {name: _unpacked(value) for name, value in item.items()}


def _packed(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():  # before int, which it also is
            return {"BOOL": value}
        case int():
            return {"N": f"{value:d}"}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case set() | frozenset():
            return _packed_set(value)
        case list() | tuple():
            return {"L": [_packed(inner) for inner in value]}
        case Mapping():
            return {"M": packed(value)}
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def _packed_set(members: set[Any] | frozenset[Any]) -> dict[str, Any]:
    typed = [_packed(member) for member in members]
    kinds = {kind for member in typed for kind in member}
    if len(kinds) != 1 or not kinds <= _IN_SETS:
        raise TypeError("a set is of texts, of numbers or of bytes, and not empty")
    (kind,) = kinds
    return {f"{kind}S": [member[kind] for member in typed]}


def _unpacked(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "S" | "B" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "SS" | "BS":
            return set(value)
        case "NS":
            return {int(member) for member in value}
        case "L":
            return [_unpacked(inner) for inner in value]
        case "M":
            return unpacked(value)
    raise TypeError(f"DynamoDB has no type {kind}")
