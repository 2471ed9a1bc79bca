"""An update is sent once; chunks belong to one worker at a time; settled ones expire."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.chunk import DOUBT_PERIOD, RETENTION, Chunk, ChunkState, Outcome
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.store import keys
from chalicelib.store.alerts import alerts, chunks, digests
from chalicelib.store.dynamodb.table import Table
from tests import builders
from tests.builders import NOW
from tests.faults import AwsCalls, Crash, Fault, recorded

SLUG, NEWS = "open-door", "first-news"
LATER = NOW + timedelta(minutes=1)
INDEXES = ["0a" * 16, "0b" * 16]
SOME_ALERT = "8c1f04d27be96a35"


def add(table: Table, name: str = NEWS, *, now: datetime = NOW) -> str | None:
    new = builders.new_alert(name=name, update_names=(name,))
    waiting = digests.waiting_for_digests(SLUG, name, since=now)
    return alerts.open_alert(table, new, [waiting], now=now)


def opened(table: Table) -> Alert:
    alert_id = add(table)
    assert alert_id
    return alerts.get(table, alert_id)


def with_chunk(table: Table) -> str:
    """The id of a new alert with one chunk, after fan-out."""
    alert = opened(table)
    assert chunks.add_chunk(table, alert, INDEXES, cursor=None, now=NOW)
    return alert.alert_id


def claimed(table: Table, alert_id: str, *, now: datetime = NOW) -> Chunk:
    chunk = chunks.claim_chunk(table, alert_id, 0, now=now)
    assert chunk
    return chunk


def settle(table: Table, alert_id: str, *, now: datetime = NOW) -> None:
    chunk = claimed(table, alert_id, now=now)
    outcomes = {0: Outcome.SENT, 1: Outcome.SKIPPED}
    assert chunks.release_chunk(table, chunk, outcomes, now=now)


def set_state(table: Table, alert_id: str, state: AlertState) -> None:
    """Change the state of an alert, as no code does yet."""
    table.update(
        keys.alert(alert_id),
        "SET #state = :state, reason = :reason",
        names={"#state": "state"},
        values={":state": state, ":reason": "a wrong link"},
    )


def test_an_update_is_sent_once(petitions_table: Table) -> None:
    alert = opened(petitions_table)

    again = add(petitions_table, now=LATER)

    assert again is None
    assert list(alerts.list_open(petitions_table)) == [alert.alert_id]
    assert alerts.find(petitions_table, SLUG, NEWS) == alert
    assert alert == Alert(
        alert_id=alert.alert_id,
        slug=SLUG,
        name=NEWS,
        kind=AlertKind.UPDATE,
        update_names=(NEWS,),
        state=AlertState.OPEN,
        reason="",
        on_doubt=OnDoubt.ASK,
        started_at=NOW,
        changed_at=NOW,
        cursor=alerts.FIRST_CURSOR,
        chunk_count=0,
        recipient_count=0,
    )


def test_each_alert_has_an_id_that_names_nothing(petitions_table: Table) -> None:
    ids = [add(petitions_table, f"news-{n}") or "" for n in range(20)]

    assert len(set(ids)) == 20
    assert all(len(alert_id) == 16 and int(alert_id, 16) >= 0 for alert_id in ids)


def test_an_update_that_was_not_sent_has_no_alert(petitions_table: Table) -> None:
    assert alerts.find_id(petitions_table, SLUG, NEWS) is None
    assert alerts.find(petitions_table, SLUG, NEWS) is None
    with pytest.raises(NotFound):
        alerts.get(petitions_table, SOME_ALERT)


def test_a_complete_alert_is_no_longer_among_the_open_ones(petitions_table: Table) -> None:
    alert = opened(petitions_table)

    for now in (LATER, LATER + timedelta(minutes=1)):
        alerts.mark_complete(petitions_table, alert.alert_id, now=now)

    complete = alerts.get(petitions_table, alert.alert_id)
    assert (complete.state, complete.changed_at) == (AlertState.COMPLETE, LATER)
    assert list(alerts.list_open(petitions_table)) == []


def test_a_paused_alert_is_not_completed_and_stays_listed(petitions_table: Table) -> None:
    alert = opened(petitions_table)
    set_state(petitions_table, alert.alert_id, AlertState.PAUSED)

    alerts.mark_complete(petitions_table, alert.alert_id, now=LATER)

    paused = alerts.get(petitions_table, alert.alert_id)
    assert (paused.state, paused.reason) == (AlertState.PAUSED, "a wrong link")
    assert list(alerts.list_open(petitions_table)) == [alert.alert_id]


def test_a_chunk_and_the_cursor_move_together_or_not_at_all(petitions_table: Table) -> None:
    alert = opened(petitions_table)

    moved = chunks.add_chunk(petitions_table, alert, INDEXES, cursor=None, now=LATER)
    late = chunks.add_chunk(petitions_table, alert, ["0c" * 16], cursor=None, now=LATER)

    assert late is None
    assert moved == alerts.get(petitions_table, alert.alert_id)
    (chunk,) = chunks.list_of(petitions_table, alert.alert_id, now=LATER)
    assert (chunk.recipients, chunk.state) == (tuple(INDEXES), ChunkState.DUE)
    assert chunks.list_open(petitions_table, alert.alert_id, limit=10) == {0: LATER}


@pytest.mark.parametrize("state", [state for state in AlertState if state is not AlertState.OPEN])
def test_an_alert_that_is_not_open_gets_no_chunk(petitions_table: Table, state: AlertState) -> None:
    alert = opened(petitions_table)
    set_state(petitions_table, alert.alert_id, state)

    moved = chunks.add_chunk(petitions_table, alert, INDEXES, cursor=None, now=LATER)

    assert moved is None
    assert list(chunks.list_of(petitions_table, alert.alert_id, now=LATER)) == []
    assert chunks.list_open(petitions_table, alert.alert_id, limit=10) == {}


def test_one_worker_has_a_chunk_until_it_is_released(petitions_table: Table) -> None:
    alert_id = with_chunk(petitions_table)

    mine = claimed(petitions_table, alert_id)
    theirs = chunks.claim_chunk(petitions_table, alert_id, 0, now=NOW)

    assert theirs is None
    assert chunks.release_chunk(petitions_table, mine, {0: Outcome.SENT}, now=LATER)
    assert not chunks.release_chunk(petitions_table, mine, {1: Outcome.SENT}, now=LATER)
    again = claimed(petitions_table, alert_id, now=LATER)
    assert (again.attempt, again.open_positions) == (2, (1,))
    assert chunks.release_chunk(petitions_table, again, {1: Outcome.SKIPPED}, now=LATER)
    (chunk,) = chunks.list_of(petitions_table, alert_id, now=LATER)
    assert chunk.state is ChunkState.SETTLED
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}


def test_a_claim_in_doubt_is_taken_over_once_and_the_first_worker_is_too_late(
    petitions_table: Table,
) -> None:
    alert_id = with_chunk(petitions_table)
    first = claimed(petitions_table, alert_id)

    too_early = chunks.claim_chunk(
        petitions_table, alert_id, 0, now=NOW + DOUBT_PERIOD - timedelta(seconds=1)
    )
    second = claimed(petitions_table, alert_id, now=NOW + DOUBT_PERIOD)
    third = chunks.claim_chunk(petitions_table, alert_id, 0, now=NOW + DOUBT_PERIOD)

    assert (too_early, second.attempt, third) == (None, 2, None)
    everything = {0: Outcome.SENT, 1: Outcome.SENT}
    assert not chunks.release_chunk(petitions_table, first, everything, now=NOW + DOUBT_PERIOD)
    assert chunks.list_open(petitions_table, alert_id, limit=10) == {0: NOW}


def test_a_released_chunk_without_outcomes_is_due_again(petitions_table: Table) -> None:
    alert_id = with_chunk(petitions_table)

    assert chunks.release_chunk(petitions_table, claimed(petitions_table, alert_id), {}, now=LATER)

    (chunk,) = chunks.list_of(petitions_table, alert_id, now=LATER)
    assert (chunk.state, chunk.open_positions) == (ChunkState.DUE, (0, 1))
    assert chunks.list_open(petitions_table, alert_id, limit=10) == {0: NOW}


def test_a_settled_chunk_keeps_its_recipients_for_thirty_days(petitions_table: Table) -> None:
    alert_id = with_chunk(petitions_table)
    chunks.add_send_event(petitions_table, alert_id, 0, 0, now=NOW)
    settle(petitions_table, alert_id)

    (chunk,) = chunks.list_of(petitions_table, alert_id, now=NOW + RETENTION)
    expired = NOW + RETENTION + timedelta(seconds=1)

    assert (chunk.recipients, chunk.open_positions) == (tuple(INDEXES), ())
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}
    assert timedelta(days=30) == RETENTION
    assert chunks.send_events(petitions_table, alert_id, 0, now=NOW + RETENTION) == {0}
    assert list(chunks.list_of(petitions_table, alert_id, now=expired)) == []
    assert chunks.send_events(petitions_table, alert_id, 0, now=expired) == frozenset()
    assert chunks.claim_chunk(petitions_table, alert_id, 0, now=expired) is None


def test_ttl_deletes_every_item_that_names_a_recipient(petitions_table: Table) -> None:
    alert_id = with_chunk(petitions_table)
    due = petitions_table.find(keys.chunk(alert_id, 0))
    chunks.add_send_event(petitions_table, alert_id, 0, 0, now=NOW)
    settle(petitions_table, alert_id)

    at = int((NOW + RETENTION).timestamp())
    items = list(petitions_table.items_of(keys.alert_partition(alert_id)))
    assert due
    assert keys.EXPIRES_AT not in due
    assert {item["sk"]: item.get("expires_at") for item in items} == {
        "chunk#00000000": at,
        "content": None,
        "header": None,
        "send-events#00000000": at,
    }
    [header] = [item for item in items if item["sk"] == "header"]
    assert "recipients" not in header


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_crash_between_settling_and_its_entry_leaves_nothing_behind(
    petitions_table: Table, fault: Fault
) -> None:
    alert_id = with_chunk(petitions_table)
    with (
        pytest.raises(Crash),
        recorded(AwsCalls(at="dynamodb.DeleteItem", fault=fault)),
    ):
        settle(petitions_table, alert_id)
    left = len(chunks.list_open(petitions_table, alert_id, limit=10))

    again = chunks.claim_chunk(petitions_table, alert_id, 0, now=LATER)

    assert left == (1 if fault is Fault.KILLED_BEFORE else 0)
    assert again is None
    assert chunks.list_open(petitions_table, alert_id, limit=10) == {}
    (chunk,) = chunks.list_of(petitions_table, alert_id, now=LATER)
    assert (chunk.state, chunk.attempt) == (ChunkState.SETTLED, 1)


def test_the_entry_of_a_chunk_that_ttl_has_deleted_is_deleted(petitions_table: Table) -> None:
    alert_id = with_chunk(petitions_table)
    petitions_table.delete(keys.chunk(alert_id, 0))

    assert chunks.claim_chunk(petitions_table, alert_id, 0, now=LATER) is None
    assert chunks.list_open(petitions_table, alert_id, limit=10) == {}


def test_chunks_and_their_entries_are_in_the_order_of_their_numbers(
    petitions_table: Table,
) -> None:
    alert = opened(petitions_table)
    for count in (9, 99_999, 123_456):
        petitions_table.update(
            keys.alert(alert.alert_id), "SET chunk_count = :count", values={":count": count}
        )
        current = alerts.get(petitions_table, alert.alert_id)
        chunks.add_chunk(petitions_table, current, INDEXES, cursor=current.cursor, now=NOW)
    chunks.add_send_event(petitions_table, alert.alert_id, 123_456, 7, now=NOW)

    numbers = [c.number for c in chunks.list_of(petitions_table, alert.alert_id, now=NOW)]

    assert numbers == [9, 99_999, 123_456]
    assert list(chunks.list_open(petitions_table, alert.alert_id, limit=2)) == [9, 99_999]
    assert chunks.send_events(petitions_table, alert.alert_id, 123_456, now=NOW) == {7}
    assert petitions_table.find(keys.chunk(alert.alert_id, 123_456))


def test_a_repeated_send_event_changes_nothing(petitions_table: Table) -> None:
    for position in (7, 17, 7):
        chunks.add_send_event(petitions_table, SOME_ALERT, 0, position, now=NOW)

    assert chunks.send_events(petitions_table, SOME_ALERT, 0, now=NOW) == {7, 17}
    assert chunks.send_events(petitions_table, SOME_ALERT, 1, now=NOW) == frozenset()
