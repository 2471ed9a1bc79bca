"""How changes of signatures become a count."""

import pytest

from chalicelib.domain.tally import Change, beyond, difference, sequence


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        (None, "confirmed", 1),
        ("confirmed", "withdrawn", -1),
        ("withdrawn", "confirmed", 1),
        ("confirmed", None, -1),
        ("withdrawn", None, 0),
        (None, "held", 0),
        ("held", "confirmed", 1),
        ("confirmed", "held", -1),
        ("confirmed", "confirmed", 0),
    ],
)
def test_only_confirmed_signatures_count(
    before: str | None, after: str | None, counts: int
) -> None:
    assert difference(before, after) == counts


def test_sequence_numbers_compare_as_numbers_do() -> None:
    assert sequence("9" * 21) < sequence("1" + "0" * 21)


def test_what_lies_at_or_below_the_fence_is_counted_already() -> None:
    changes = [Change(slug="a", sequence=sequence(str(n)), difference=1) for n in (1, 2, 3)]

    assert beyond(None, changes) == changes
    assert beyond(sequence("2"), changes) == changes[2:]
    assert beyond(sequence("3"), changes) == []
