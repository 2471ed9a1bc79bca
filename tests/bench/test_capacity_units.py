"""DynamoDB's units, by the examples and the rules of its developer guide."""

import pytest

from bench import capacity_units


def of_size(size: int) -> dict[str, dict[str, str]]:
    """An item of so many bytes."""
    return {"a": {"S": "x" * (size - 1)}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "Ганна"}, 10),
        ({"B": b"\x00\x01"}, 2),
        ({"NULL": True}, 1),
        ({"BOOL": False}, 1),
        ({"N": "0"}, 2),
        ({"N": "7"}, 2),
        ({"N": "1700"}, 2),
        ({"N": "1772971200000"}, 5),
        ({"N": "0.0012"}, 2),
        ({"N": "-12"}, 3),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"key": {"S": "value"}}}, 3 + 1 + 3 + 5),
        ({"L": [{"M": {"k": {"N": "1"}}}]}, 3 + 1 + (3 + 1 + 1 + 2)),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "100"]}, 4),
        ({"BS": [b"abc"]}, 3),
    ],
)
def test_a_value_has_its_documented_size(value: dict[str, object], size: int) -> None:
    assert capacity_units.item_bytes({"name": value}) == len("name") + size


def test_an_unknown_type_is_not_taken_for_nothing() -> None:
    with pytest.raises(ValueError, match="no type 'X'"):
        capacity_units.item_bytes({"name": {"X": "?"}})


@pytest.mark.parametrize(("size", "expected"), [(1, 1), (1024, 1), (1025, 2), (2048, 2), (3500, 4)])
def test_a_write_is_rounded_up_to_the_next_kilobyte(size: int, expected: int) -> None:
    assert capacity_units.write_units(None, of_size(size)) == expected


def test_the_larger_of_before_and_after_counts() -> None:
    assert capacity_units.write_units(of_size(5000), of_size(10)) == 5
    assert capacity_units.write_units(of_size(10), of_size(5000)) == 5


def test_a_delete_of_nothing_costs_one_unit() -> None:
    assert capacity_units.write_units(None, None) == 1


def test_a_transaction_costs_double() -> None:
    assert capacity_units.transaction_units([(None, of_size(100)), (None, of_size(1500))]) == 6


@pytest.mark.parametrize(
    ("size", "consistently", "eventually"), [(100, 1, 0.5), (3500, 1, 0.5), (10_000, 3, 1.5)]
)
def test_a_read_is_rounded_up_to_the_next_four_kilobytes(
    size: int, consistently: int, eventually: float
) -> None:
    assert capacity_units.get_units([of_size(size)], consistent=True) == consistently
    assert capacity_units.get_units([of_size(size)], consistent=False) == eventually


def test_a_read_of_nothing_costs_what_the_smallest_item_costs() -> None:
    assert capacity_units.get_units([None], consistent=True) == 1
    assert capacity_units.get_units([None], consistent=False) == 0.5


def test_a_batch_rounds_each_item_by_itself() -> None:
    assert capacity_units.get_units([of_size(1500), of_size(6500)], consistent=True) == 3


def test_a_query_rounds_the_sum_of_its_items() -> None:
    items = [of_size(1500), of_size(6500)]

    assert capacity_units.query_units(items, consistent=True) == 2
    assert capacity_units.query_units(items, consistent=False) == 1


def test_a_query_that_finds_nothing_costs_half_a_unit() -> None:
    assert capacity_units.query_units([], consistent=False) == 0.5
