"""Events of chunks are sets: doubled and shuffled ones change nothing."""

import itertools
from datetime import timedelta

import pytest

from chalicelib.domain.alerts.chunk import RETENTION
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.store.alerts import chunk_events
from chalicelib.store.alerts.chunk_events import ChunkEvents
from chalicelib.store.dynamodb.table import Table
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

ALERT = "8c1f04d27be96a35"
LATER = NOW + timedelta(minutes=1)
ADDED = (
    {EventKind.SEND: [7, 17]},
    {EventKind.DELIVERY: [17], EventKind.HARD_BOUNCE: [7]},
    {EventKind.SEND: [7]},
)


@pytest.mark.parametrize("order", list(itertools.permutations(ADDED)))
def test_events_in_any_order_give_the_same(
    petitions_table: Table, order: tuple[dict[EventKind, list[int]], ...]
) -> None:
    for events in order:
        chunk_events.add(petitions_table, ALERT, 3, events, now=NOW)

    found = chunk_events.find_many(petitions_table, ALERT, [3], now=NOW)[3]

    assert found == ChunkEvents(
        positions={
            EventKind.SEND: frozenset({7, 17}),
            EventKind.DELIVERY: frozenset({17}),
            EventKind.HARD_BOUNCE: frozenset({7}),
        },
        changed_at=NOW,
    )
    assert found.seen == {7, 17}
    assert found.of(EventKind.COMPLAINT) == frozenset()


def test_events_of_many_chunks_are_added_in_one_call_each_and_found_in_one(
    petitions_table: Table,
) -> None:
    with recorded(AwsCalls()) as calls:
        for number in (0, 123_456):
            chunk_events.add(petitions_table, ALERT, number, {EventKind.SEND: [1]}, now=LATER)
        found = chunk_events.find_many(petitions_table, ALERT, [0, 5, 123_456], now=LATER)

    assert calls.made == ["dynamodb.UpdateItem"] * 2 + ["dynamodb.BatchGetItem"]
    assert list(found) == [0, 123_456]
    assert {it.changed_at for it in found.values()} == {LATER}


def test_every_kind_of_event_can_be_added(petitions_table: Table) -> None:
    events = {kind: [place] for place, kind in enumerate(EventKind)}
    chunk_events.add(petitions_table, ALERT, 0, events, now=NOW)

    found = chunk_events.find_many(petitions_table, ALERT, [0], now=NOW)[0]

    assert {kind: list(found.of(kind)) for kind in EventKind} == events


def test_events_expire_with_the_chunk(petitions_table: Table) -> None:
    chunk_events.add(petitions_table, ALERT, 0, {EventKind.SEND: [1]}, now=NOW)

    kept = chunk_events.find_many(petitions_table, ALERT, [0], now=NOW + RETENTION)
    expired = NOW + RETENTION + timedelta(seconds=1)

    assert list(kept) == [0]
    assert chunk_events.find_many(petitions_table, ALERT, [0], now=expired) == {}
