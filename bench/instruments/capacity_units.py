"""DynamoDB's write and read units, by its documented rules, from the items themselves.

Emulators report other numbers than DynamoDB, so theirs are not used. Sources, in the
DynamoDB developer guide: "Item sizes and formats" and "Read and write operations". Items are as the
low-level client has them: `{"pk": {"S": "tally"}, "count": {"N": "7"}}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Attributes = Mapping[str, Mapping[str, Any]]
"""An item: each attribute's name, and its value under the letters of its type."""

WRITE_BYTES: Final = 1024
"""What one write unit writes."""
READ_BYTES: Final = 4096
"""What one read unit reads consistently; it reads twice as much eventually consistently."""
TRANSACTION_FACTOR: Final = 2
"""A write in a transaction is charged twice: to prepare and to commit."""

_CONTAINER_BYTES: Final = 3
_ELEMENT_BYTES: Final = 1


def item_bytes(item: Attributes | None) -> int:
    """The size of an item: names and values of all its attributes. Of none, 0."""
    return sum(_text_bytes(name) + _value_bytes(value) for name, value in (item or {}).items())


def write_units(before: Attributes | None, after: Attributes | None) -> int:
    """Units of one put, update or delete: the larger of the item before and after counts.

    A write whose condition fails costs the same; for a put, `after` is then the item that was to
    be written.
    """
    return _rounded(max(item_bytes(before), item_bytes(after)), WRITE_BYTES)


def transaction_units(writes: Iterable[tuple[Attributes | None, Attributes | None]]) -> int:
    """Units of a TransactWriteItems; each write as (before, after)."""
    return TRANSACTION_FACTOR * sum(write_units(before, after) for before, after in writes)


def get_units(items: Sequence[Attributes | None], *, consistent: bool) -> float:
    """Units of a GetItem, or of a BatchGetItem: each item is rounded up by itself.

    A key without an item costs as much as the smallest item.
    """
    units = sum(_rounded(item_bytes(item), READ_BYTES) for item in items)
    return units if consistent else units / 2


def query_units(items: Iterable[Attributes], *, consistent: bool) -> float:
    """Units of a Query: the sizes of all items read are added up, then rounded up.

    `items` are whole even if the query returns only some attributes of them.
    """
    units = _rounded(sum(map(item_bytes, items)), READ_BYTES)
    return units if consistent else units / 2


def _rounded(size: int, step: int) -> int:
    return max(1, -(-size // step))


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return _text_bytes(held)
        case "N":
            return _number_bytes(held)
        case "B":
            return len(held)
        case "NULL" | "BOOL":
            return 1
        case "L":
            return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + _value_bytes(inner) for inner in held)
        case "M":
            return _CONTAINER_BYTES + item_bytes(held) + _ELEMENT_BYTES * len(held)
        case "SS" | "NS" | "BS":
            return sum(_value_bytes({kind[0]: inner}) for inner in held)
        case _:
            raise ValueError(f"DynamoDB knows no type {kind!r}")


def _text_bytes(text: str) -> int:
    return len(text.encode())


def _number_bytes(text: str) -> int:
    """A byte for two significant digits and one more; a sign takes one, too."""
    sign, digits, _ = Decimal(text).normalize().as_tuple()
    return -(-len(digits) // 2) + 1 + sign
