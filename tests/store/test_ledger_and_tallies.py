"""The ledger lets one worker at a time go on; the tally counts each change of a shard once."""

from datetime import timedelta

from chalicelib.domain.delivery import Alert, ChunkState, Outcome
from chalicelib.store import ledger, tallies
from chalicelib.store.table import Table
from tests.builders import NOW

UPDATE = "open-door/first-news"
SHARD = "shardId-1"
LATER = NOW + timedelta(minutes=1)


def _opened(desk: Table) -> Alert:
    assert ledger.add_alert(desk, UPDATE, now=NOW)
    return ledger.get_alert(desk, UPDATE)


def test_an_update_is_sent_once(desk: Table) -> None:
    _opened(desk)

    again = ledger.add_alert(desk, UPDATE, now=LATER)

    assert not again
    assert list(ledger.open_alerts(desk)) == [UPDATE]
    assert ledger.get_alert(desk, UPDATE).started_at == NOW


def test_a_chunk_and_the_cursor_move_together_or_not_at_all(desk: Table) -> None:
    alert = _opened(desk)

    moved = ledger.add_chunk(desk, alert, ["a", "b"], cursor=None, now=LATER)
    late = ledger.add_chunk(desk, alert, ["c"], cursor=None, now=LATER)

    assert late is None
    assert moved == ledger.get_alert(desk, UPDATE)
    (chunk,) = ledger.chunks_from(desk, UPDATE, 0, limit=10)
    assert (chunk.recipients, chunk.state) == (("a", "b"), ChunkState.DUE)


def test_one_worker_has_a_chunk_until_it_is_given_back(desk: Table) -> None:
    ledger.add_chunk(desk, _opened(desk), ["a", "b"], cursor=None, now=NOW)

    mine = ledger.claim_chunk(desk, UPDATE, 0, now=NOW)
    theirs = ledger.claim_chunk(desk, UPDATE, 0, now=NOW)

    assert theirs is None
    assert mine
    assert ledger.release_chunk(desk, mine, {0: Outcome.SENT}, now=LATER)
    assert not ledger.release_chunk(desk, mine, {1: Outcome.SENT}, now=LATER)
    again = ledger.claim_chunk(desk, UPDATE, 0, now=LATER)
    assert again
    assert (again.attempt, again.open_positions) == (2, (1,))
    assert ledger.release_chunk(desk, again, {1: Outcome.SKIPPED}, now=LATER)
    (chunk,) = ledger.chunks_from(desk, UPDATE, 0, limit=10)
    assert chunk.state is ChunkState.SETTLED
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}


def test_what_ses_has_sent_is_noted_however_often_it_says_so(desk: Table) -> None:
    for position in (7, 17, 7):
        ledger.add_seen(desk, UPDATE, 0, position)

    assert ledger.seen(desk, UPDATE, 0) == {7, 17}
    assert ledger.seen(desk, UPDATE, 1) == frozenset()


def test_the_mark_of_what_is_settled_only_rises_and_an_alert_is_closed(desk: Table) -> None:
    alert = _opened(desk)

    for count in (2, 1):
        ledger.mark_settled(desk, alert, count, now=LATER)
    ledger.close_alert(desk, UPDATE)

    assert ledger.get_alert(desk, UPDATE).settled_count == 2
    assert list(ledger.open_alerts(desk)) == []


def _counted(desk: Table, difference: int, *, fence: str | None, last: str) -> bool:
    return tallies.add(
        desk, "open-door", difference=difference, shard=SHARD, fence=fence, last=last, now=NOW
    )


def test_changes_behind_the_fence_are_counted_once(desk: Table) -> None:
    counted = [
        _counted(desk, 3, fence=None, last="005"),
        _counted(desk, 3, fence=None, last="005"),
        _counted(desk, -1, fence="005", last="009"),
        _counted(desk, -1, fence="005", last="009"),
    ]

    assert counted == [True, False, True, False]
    assert tallies.get(desk, "open-door").count == 2
    assert tallies.find_fence(desk, "open-door", SHARD) == "009"


def test_a_tally_is_repaired_only_as_it_was_seen(desk: Table) -> None:
    assert tallies.repair(desk, "open-door", counted=5, seen=0)
    assert not tallies.repair(desk, "open-door", counted=7, seen=4)
    assert tallies.get(desk, "open-door").count == 5


def test_fences_of_silent_shards_are_forgotten(desk: Table) -> None:
    _counted(desk, 1, fence=None, last="005")

    assert tallies.delete_fences(desk, "open-door", before=NOW) == 0
    assert tallies.delete_fences(desk, "open-door", before=LATER) == 1
    assert tallies.find_fence(desk, "open-door", SHARD) is None
    assert tallies.get(desk, "open-door").count == 1
