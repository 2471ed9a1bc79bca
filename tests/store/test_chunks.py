"""Chunks belong to one worker at a time."""

from datetime import timedelta

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import ChunkState, Outcome
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.dynamodb.table import Table
from tests.builders import NOW

UPDATE = "open-door/first-news"
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
