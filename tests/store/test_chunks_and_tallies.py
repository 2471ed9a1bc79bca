"""Chunks belong to one worker at a time; the tally counts each change of a shard once."""

from datetime import timedelta

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import ChunkState, Outcome
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.tally import Tally
from chalicelib.store import tallies
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.dynamodb.table import Table
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

UPDATE = "open-door/first-news"
SHARD = "shardId-1"
LATER = NOW + timedelta(minutes=1)


def _opened(petitions_table: Table) -> Alert:
    assert alerts.add(petitions_table, UPDATE, now=NOW)
    return alerts.get(petitions_table, UPDATE)


def test_an_update_is_sent_once(petitions_table: Table) -> None:
    _opened(petitions_table)

    again = alerts.add(petitions_table, UPDATE, now=LATER)

    assert not again
    assert list(alerts.list_open(petitions_table)) == [UPDATE]
    assert alerts.get(petitions_table, UPDATE).started_at == NOW


def test_a_chunk_and_the_cursor_move_together_or_not_at_all(petitions_table: Table) -> None:
    alert = _opened(petitions_table)

    moved = chunks.add_chunk(petitions_table, alert, ["a", "b"], cursor=None, now=LATER)
    late = chunks.add_chunk(petitions_table, alert, ["c"], cursor=None, now=LATER)

    assert late is None
    assert moved == alerts.get(petitions_table, UPDATE)
    (chunk,) = chunks.chunks_from(petitions_table, UPDATE, 0, limit=10)
    assert (chunk.recipients, chunk.state) == (("a", "b"), ChunkState.DUE)


def test_one_worker_has_a_chunk_until_it_is_released(petitions_table: Table) -> None:
    chunks.add_chunk(petitions_table, _opened(petitions_table), ["a", "b"], cursor=None, now=NOW)

    mine = chunks.claim_chunk(petitions_table, UPDATE, 0, now=NOW)
    theirs = chunks.claim_chunk(petitions_table, UPDATE, 0, now=NOW)

    assert theirs is None
    assert mine
    assert chunks.release_chunk(petitions_table, mine, {0: Outcome.SENT}, now=LATER)
    assert not chunks.release_chunk(petitions_table, mine, {1: Outcome.SENT}, now=LATER)
    again = chunks.claim_chunk(petitions_table, UPDATE, 0, now=LATER)
    assert again
    assert (again.attempt, again.open_positions) == (2, (1,))
    assert chunks.release_chunk(petitions_table, again, {1: Outcome.SKIPPED}, now=LATER)
    (chunk,) = chunks.chunks_from(petitions_table, UPDATE, 0, limit=10)
    assert chunk.state is ChunkState.SETTLED
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}


def test_a_settled_chunk_has_no_recipients(petitions_table: Table) -> None:
    chunks.add_chunk(petitions_table, _opened(petitions_table), ["a", "b"], cursor=None, now=NOW)

    for position in range(2):
        mine = chunks.claim_chunk(petitions_table, UPDATE, 0, now=NOW)
        assert mine
        assert mine.recipients == ("a", "b")
        assert chunks.release_chunk(petitions_table, mine, {position: Outcome.SENT}, now=LATER)

    (chunk,) = chunks.chunks_from(petitions_table, UPDATE, 0, limit=10)
    assert (chunk.recipients, chunk.open_positions) == ((), ())
    assert chunk.outcomes == dict.fromkeys(range(2), Outcome.SENT)


def test_a_repeated_send_event_changes_nothing(petitions_table: Table) -> None:
    for position in (7, 17, 7):
        chunks.add_send_event(petitions_table, UPDATE, 0, position)

    assert chunks.send_events(petitions_table, UPDATE, 0) == {7, 17}
    assert chunks.send_events(petitions_table, UPDATE, 1) == frozenset()


def test_the_settled_count_only_rises_and_an_alert_can_be_closed(
    petitions_table: Table,
) -> None:
    alert = _opened(petitions_table)

    for count in (2, 1):
        alerts.mark_settled(petitions_table, alert, count, now=LATER)
    alerts.close(petitions_table, UPDATE)

    assert alerts.get(petitions_table, UPDATE).settled_count == 2
    assert list(alerts.list_open(petitions_table)) == []


def _counted(petitions_table: Table, difference: int, *, fence: str | None, last: str) -> bool:
    return tallies.add(
        petitions_table,
        "open-door",
        differences={"PL": difference},
        shard=SHARD,
        fence=fence,
        last=last,
        now=NOW,
    )


def test_changes_are_counted_once_by_their_fence(petitions_table: Table) -> None:
    counted = [
        _counted(petitions_table, 3, fence=None, last="005"),
        _counted(petitions_table, 3, fence=None, last="005"),
        _counted(petitions_table, -1, fence="005", last="009"),
        _counted(petitions_table, -1, fence="005", last="009"),
    ]

    assert counted == [True, False, True, False]
    assert tallies.get(petitions_table, "open-door") == Tally(
        slug="open-door", count=2, countries={"PL": 2}
    )
    assert tallies.find_fence(petitions_table, "open-door", SHARD) == "009"


def test_a_second_repair_needs_the_tally_after_the_first(petitions_table: Table) -> None:
    first = tallies.get(petitions_table, "open-door")
    tallies.repair(petitions_table, first, count=2, countries={"PL": 2})
    second = tallies.get(petitions_table, "open-door")

    repaired = [
        tallies.repair(petitions_table, second, count=-1, countries={"PL": -2}) for _ in range(2)
    ]

    assert repaired == [True, False]
    assert not tallies.repair(petitions_table, first, count=2, countries={"PL": 2})
    # A country without signatures has no figure.
    assert tallies.get(petitions_table, "open-door") == Tally(slug="open-door", count=1, repairs=2)


def test_a_repair_is_done_once_and_keeps_the_additions_of_the_stream(
    petitions_table: Table,
) -> None:
    seen = tallies.get(petitions_table, "open-door")
    _counted(petitions_table, 1, fence=None, last="005")

    repaired = [
        tallies.repair(petitions_table, seen, count=4, countries={"PL": 3, "": 1}) for _ in range(2)
    ]

    assert repaired == [True, False]
    assert tallies.get(petitions_table, "open-door") == Tally(
        slug="open-door", count=5, countries={"PL": 4, "": 1}, repairs=1
    )


def test_many_countries_are_added_in_one_write(petitions_table: Table) -> None:
    many = dict.fromkeys(["", *sorted(COUNTRIES)[:40]], 1)

    with recorded(AwsCalls()) as calls:
        tallies.add(
            petitions_table,
            "open-door",
            differences=many,
            shard=SHARD,
            fence=None,
            last="005",
            now=NOW,
        )

    assert calls.made == ["dynamodb.UpdateItem"]
    assert tallies.get(petitions_table, "open-door").countries == many


def test_an_expression_with_all_countries_is_within_the_limit() -> None:
    clause, _, _ = tallies._additions(1, dict.fromkeys(["", *COUNTRIES], 1))

    assert len(f"SET repairs = :repaired ADD {clause}") <= 4096


def test_fences_of_silent_shards_are_deleted(petitions_table: Table) -> None:
    _counted(petitions_table, 1, fence=None, last="005")

    assert tallies.delete_fences(petitions_table, "open-door", before=NOW) == 0
    assert tallies.delete_fences(petitions_table, "open-door", before=LATER) == 1
    assert tallies.find_fence(petitions_table, "open-door", SHARD) is None
    assert tallies.get(petitions_table, "open-door").count == 1
