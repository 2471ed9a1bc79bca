"""Our converter of items does what boto3's does, for every type that we keep."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.store.items import packed, unpacked
from tests.builders import NOW

DIGITS = 38
"""DynamoDB keeps so many of a number."""

whole = st.integers(-(10**DIGITS) + 1, 10**DIGITS - 1)
texts, raw = st.text(max_size=4), st.binary(max_size=4)
sets = st.one_of(*(st.sets(kind, min_size=1, max_size=3) for kind in (whole, texts, raw)))
scalars = st.one_of(st.none(), st.booleans(), whole, texts, raw, sets)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
items = st.dictionaries(texts, values, max_size=3)


def boto3_packed(item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in item.items()}


def boto3_unpacked(item: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def plain(value: Any) -> Any:
    """boto3's own kinds of numbers and bytes as Python's."""
    match value:
        case Decimal():
            return int(value)
        case Binary():
            return bytes(value.value)  # type: ignore[attr-defined]  # the stubs lack it
        case set():
            return {plain(member) for member in value}
        case list():
            return [plain(inner) for inner in value]
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case _:
            return value


def typed(value: Any) -> Any:
    """A value that equals another only if it is of the same type: True is no 1."""
    match value:
        case set():
            return ("set", {typed(member) for member in value})
        case list():
            return [typed(inner) for inner in value]
        case dict():
            return {name: typed(inner) for name, inner in value.items()}
        case _:
            return (type(value), value)


@given(items)
def test_items_are_written_as_boto3_writes_them(item: dict[str, Any]) -> None:
    assert typed(packed(item)) == typed(boto3_packed(item))


@given(items)
def test_items_are_read_as_boto3_reads_them(item: dict[str, Any]) -> None:
    written = boto3_packed(item)

    assert typed(unpacked(written)) == typed(boto3_unpacked(written))


@given(items)
def test_what_was_written_is_read_again(item: dict[str, Any]) -> None:
    assert typed(unpacked(packed(item))) == typed(item)


def test_tuples_and_frozen_sets_are_written_as_lists_and_sets() -> None:
    item = {"list": (1, "one"), "set": frozenset({1})}

    assert packed(item) == boto3_packed(item)


def test_no_item_stays_none() -> None:
    assert unpacked(None) is None


@pytest.mark.parametrize(
    "value",
    [1.5, Decimal(1), NOW, bytearray(b"a"), [1.5], {"a": 1.5}, {1.5}, {1, "a"}, {True}, set()],
)
def test_what_we_never_keep_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        packed({"value": value})


def test_a_type_that_dynamodb_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="XS"):
        unpacked({"value": {"XS": ["a"]}})
