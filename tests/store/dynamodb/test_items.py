"""Items: conversion to DynamoDB and back, and values that are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.store.dynamodb.items import deserialize, serialize
from tests.builders import NOW

DIGITS = 38
"""Digits of a number in DynamoDB."""

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


def typed(value: Any) -> Any:
    """A value together with its types, because True equals 1."""
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
def test_an_item_comes_back_unchanged(item: dict[str, Any]) -> None:
    assert typed(deserialize(serialize(item))) == typed(item)


def test_values_are_written_in_the_types_of_dynamodb() -> None:
    item = {"yes": True, "count": 7, "raw": b"a", "list": (1, "one"), "set": frozenset({1})}

    assert serialize(item) == {
        "yes": {"BOOL": True},
        "count": {"N": "7"},
        "raw": {"B": b"a"},
        "list": {"L": [{"N": "1"}, {"S": "one"}]},
        "set": {"NS": ["1"]},
    }


def test_no_item_stays_none() -> None:
    assert deserialize(None) is None


@pytest.mark.parametrize(
    "value",
    [
        *(1.5, [1.5], {"a": 1.5}, {1.5}),
        *(Decimal(1), Decimal("1.5"), {Decimal(1)}),
        *(set(), frozenset(), [set()], {"a": set()}),
        *({1, "a"}, NOW, object()),
    ],
)
def test_values_without_a_type_in_dynamodb_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        serialize({"value": value})


def test_a_fraction_is_not_truncated_and_cannot_be_written_back() -> None:
    """We store none; a damaged attribute must not stop the reading of others."""
    values = deserialize({"value": {"N": "1.5"}, "other": {"N": "1"}})

    assert values == {"value": Decimal("1.5"), "other": 1}
    with pytest.raises(TypeError):
        serialize(values)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match="XS"):
        deserialize({"value": {"XS": ["a"]}})
