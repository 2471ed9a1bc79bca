"""Why an engine's units differ from ours."""

from collections import Counter

from bench import engine_units
from bench.call_recorder import Bill, Reported


def bill(reported: Reported, **calls: int) -> Bill:
    counted = Counter({f"dynamodb.{name}": count for name, count in calls.items()})
    return Bill(calls=counted, write_units=4, read_units=6, reported=reported)


def test_equal_units_need_no_reason() -> None:
    assert engine_units.reasons(bill(Reported(write_units=4, read_units=6))) == [engine_units.SAME]


def test_writes_may_lack_only_what_failed() -> None:
    failed = Reported(write_units=3, read_units=6, silent=1)
    short = Reported(write_units=3, read_units=6)

    assert engine_units.reasons(bill(failed)) == [engine_units.FAILED]
    assert engine_units.reasons(bill(short)) == [engine_units.UNEXPLAINED]


def test_more_writes_than_ours_are_never_explained() -> None:
    more = Reported(write_units=5, read_units=6, silent=1)

    assert engine_units.reasons(bill(more)) == [engine_units.UNEXPLAINED]


def test_reads_may_be_counted_flat_or_not_at_all() -> None:
    flat = Reported(write_units=4, read_units=1.5)

    assert engine_units.reasons(bill(flat, GetItem=2, Query=1)) == [engine_units.LARGE]
    assert engine_units.reasons(bill(Reported(write_units=4), BatchGetItem=1)) == [
        engine_units.BATCHED
    ]
    assert engine_units.reasons(bill(flat, GetItem=9)) == [engine_units.UNEXPLAINED]


def test_without_an_engine_nothing_is_invented() -> None:
    assert "Not measured" in engine_units.chapter(None).text
