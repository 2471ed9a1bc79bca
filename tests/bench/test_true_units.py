"""Why an engine's units differ from ours, and what is told when there is no engine."""

from collections import Counter
from pathlib import Path

from bench import true_units
from bench.gate import Bill, Said


def bill(said: Said, **calls: int) -> Bill:
    counted = Counter({f"dynamodb.{name}": count for name, count in calls.items()})
    return Bill(calls=counted, write_units=4, read_units=6, said=said)


def test_equal_units_need_no_reason() -> None:
    assert true_units.reasons(bill(Said(write_units=4, read_units=6))) == [true_units.SAME]


def test_writes_may_lack_only_what_was_refused() -> None:
    refused = Said(write_units=3, read_units=6, silent=1)
    short = Said(write_units=3, read_units=6)

    assert true_units.reasons(bill(refused)) == [true_units.REFUSED]
    assert true_units.reasons(bill(short)) == [true_units.UNEXPLAINED]


def test_more_writes_than_ours_are_never_explained() -> None:
    more = Said(write_units=5, read_units=6, silent=1)

    assert true_units.reasons(bill(more)) == [true_units.UNEXPLAINED]


def test_reads_may_be_counted_flat_or_not_at_all() -> None:
    flat = Said(write_units=4, read_units=1.5)

    assert true_units.reasons(bill(flat, GetItem=2, Query=1)) == [true_units.LARGE]
    assert true_units.reasons(bill(Said(write_units=4), BatchGetItem=1)) == [true_units.BATCHED]
    assert true_units.reasons(bill(flat, GetItem=9)) == [true_units.UNEXPLAINED]


def test_without_an_engine_nothing_is_invented(tmp_path: Path) -> None:
    bills = true_units.measure(lambda _: None, tmp_path / "no-python-here")

    chapter = true_units.chapter(bills)

    assert bills is None
    assert "Not measured" in chapter.text
    assert not chapter.broken
