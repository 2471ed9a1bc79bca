"""The ledger lets one worker at a time go on; the tally counts each change of a shard once."""

from datetime import timedelta

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import ChunkState, Outcome
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.tally import Tally
from chalicelib.store import tallies
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.dynamodb.table import Table
from tests.builders import NOW
from tests.faults import Calls, watched

UPDATE = "open-door/first-news"
SHARD = "shardId-1"
LATER = NOW + timedelta(minutes=1)


def _opened(desk: Table) -> Alert:
    assert alerts.add(desk, UPDATE, now=NOW)
    return alerts.get(desk, UPDATE)


def test_an_update_is_sent_once(desk: Table) -> None:
    _opened(desk)

    again = alerts.add(desk, UPDATE, now=LATER)

    assert not again
    assert list(alerts.list_open(desk)) == [UPDATE]
    assert alerts.get(desk, UPDATE).started_at == NOW


def test_a_chunk_and_the_cursor_move_together_or_not_at_all(desk: Table) -> None:
    alert = _opened(desk)

    moved = chunks.add_chunk(desk, alert, ["a", "b"], cursor=None, now=LATER)
    late = chunks.add_chunk(desk, alert, ["c"], cursor=None, now=LATER)

    assert late is None
    assert moved == alerts.get(desk, UPDATE)
    (chunk,) = chunks.chunks_from(desk, UPDATE, 0, limit=10)
    assert (chunk.recipients, chunk.state) == (("a", "b"), ChunkState.DUE)


def test_one_worker_has_a_chunk_until_it_is_given_back(desk: Table) -> None:
    chunks.add_chunk(desk, _opened(desk), ["a", "b"], cursor=None, now=NOW)

    mine = chunks.claim_chunk(desk, UPDATE, 0, now=NOW)
    theirs = chunks.claim_chunk(desk, UPDATE, 0, now=NOW)

    assert theirs is None
    assert mine
    assert chunks.release_chunk(desk, mine, {0: Outcome.SENT}, now=LATER)
    assert not chunks.release_chunk(desk, mine, {1: Outcome.SENT}, now=LATER)
    again = chunks.claim_chunk(desk, UPDATE, 0, now=LATER)
    assert again
    assert (again.attempt, again.open_positions) == (2, (1,))
    assert chunks.release_chunk(desk, again, {1: Outcome.SKIPPED}, now=LATER)
    (chunk,) = chunks.chunks_from(desk, UPDATE, 0, limit=10)
    assert chunk.state is ChunkState.SETTLED
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}


def test_a_chunk_that_is_done_forgets_whom_it_was_for(desk: Table) -> None:
    chunks.add_chunk(desk, _opened(desk), ["a", "b"], cursor=None, now=NOW)

    for position in range(2):
        mine = chunks.claim_chunk(desk, UPDATE, 0, now=NOW)
        assert mine
        assert mine.recipients == ("a", "b")
        assert chunks.release_chunk(desk, mine, {position: Outcome.SENT}, now=LATER)

    (chunk,) = chunks.chunks_from(desk, UPDATE, 0, limit=10)
    assert (chunk.recipients, chunk.open_positions) == ((), ())
    assert chunk.outcomes == dict.fromkeys(range(2), Outcome.SENT)


def test_what_ses_has_sent_is_noted_however_often_it_says_so(desk: Table) -> None:
    for position in (7, 17, 7):
        chunks.add_seen(desk, UPDATE, 0, position)

    assert chunks.seen(desk, UPDATE, 0) == {7, 17}
    assert chunks.seen(desk, UPDATE, 1) == frozenset()


def test_the_mark_of_what_is_settled_only_rises_and_an_alert_is_closed(desk: Table) -> None:
    alert = _opened(desk)

    for count in (2, 1):
        alerts.mark_settled(desk, alert, count, now=LATER)
    alerts.close(desk, UPDATE)

    assert alerts.get(desk, UPDATE).settled_count == 2
    assert list(alerts.list_open(desk)) == []


def _counted(desk: Table, difference: int, *, fence: str | None, last: str) -> bool:
    return tallies.add(
        desk,
        "open-door",
        differences={"PL": difference},
        shard=SHARD,
        fence=fence,
        last=last,
        now=NOW,
    )


def test_changes_behind_the_fence_are_counted_once(desk: Table) -> None:
    counted = [
        _counted(desk, 3, fence=None, last="005"),
        _counted(desk, 3, fence=None, last="005"),
        _counted(desk, -1, fence="005", last="009"),
        _counted(desk, -1, fence="005", last="009"),
    ]

    assert counted == [True, False, True, False]
    assert tallies.get(desk, "open-door") == Tally(slug="open-door", count=2, countries={"PL": 2})
    assert tallies.find_fence(desk, "open-door", SHARD) == "009"


def test_a_second_repair_goes_by_the_first(desk: Table) -> None:
    first = tallies.get(desk, "open-door")
    tallies.repair(desk, first, count=2, countries={"PL": 2})
    second = tallies.get(desk, "open-door")

    repaired = [tallies.repair(desk, second, count=-1, countries={"PL": -2}) for _ in range(2)]

    assert repaired == [True, False]
    assert not tallies.repair(desk, first, count=2, countries={"PL": 2})
    # A country from which nobody is left has no figure.
    assert tallies.get(desk, "open-door") == Tally(slug="open-door", count=1, repairs=2)


def test_a_repair_is_done_once_and_takes_nothing_from_what_the_stream_adds(desk: Table) -> None:
    seen = tallies.get(desk, "open-door")
    _counted(desk, 1, fence=None, last="005")

    repaired = [tallies.repair(desk, seen, count=4, countries={"PL": 3, "": 1}) for _ in range(2)]

    assert repaired == [True, False]
    assert tallies.get(desk, "open-door") == Tally(
        slug="open-door", count=5, countries={"PL": 4, "": 1}, repairs=1
    )


def test_many_countries_are_added_in_one_write(desk: Table) -> None:
    many = dict.fromkeys(["", *sorted(COUNTRIES)[:40]], 1)

    with watched(Calls()) as calls:
        tallies.add(
            desk, "open-door", differences=many, shard=SHARD, fence=None, last="005", now=NOW
        )

    assert calls.made == ["dynamodb.UpdateItem"]
    assert tallies.get(desk, "open-door").countries == many


def test_all_countries_at_once_keep_within_what_an_expression_may_hold() -> None:
    clause, _, _ = tallies._additions(1, dict.fromkeys(["", *COUNTRIES], 1))

    assert len(f"SET repairs = :repaired ADD {clause}") <= 4096


def test_fences_of_silent_shards_are_forgotten(desk: Table) -> None:
    _counted(desk, 1, fence=None, last="005")

    assert tallies.delete_fences(desk, "open-door", before=NOW) == 0
    assert tallies.delete_fences(desk, "open-door", before=LATER) == 1
    assert tallies.find_fence(desk, "open-door", SHARD) is None
    assert tallies.get(desk, "open-door").count == 1
