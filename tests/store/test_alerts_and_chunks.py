"""An update is sent once; chunks belong to one worker at a time; settled ones expire."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.chunk import (
    LEASE,
    MAX_CHUNK_RECIPIENTS,
    MAX_GROUP_CHUNKS,
    RETENTION,
    Chunk,
    ChunkState,
    ClaimedChunk,
    Group,
    Outcome,
)
from chalicelib.domain.alerts.doubt import Probe
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.alerts.move import Move, parts_of
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.store import keys
from chalicelib.store.alerts import (
    alerts,
    chunk_events,
    chunks,
    contents,
    digests,
    groups,
    moves,
    probes,
)
from chalicelib.store.dynamodb.table import Table
from tests import builders
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

SLUG, NEWS = "open-door", "first-news"
LATER = NOW + timedelta(minutes=1)
INDEXES = ["0a" * 17, "0b" * 17, "0c" * 17, "0d" * 17]
SOME_ALERT = "8c1f04d27be96a35"


def add(table: Table, name: str = NEWS, *, now: datetime = NOW) -> str | None:
    new = builders.new_alert(name=name, update_names=(name,))
    waiting = digests.waiting_for_digests(SLUG, name, since=now)
    return alerts.open_alert(table, new, [waiting], now=now)


def opened(table: Table) -> Alert:
    alert_id = add(table)
    assert alert_id
    return alerts.get(table, alert_id)


def with_group(table: Table, sizes: Sequence[int] = (2,)) -> Alert:
    """A new alert with one group of chunks of these sizes, after fan-out."""
    recipients = iter(INDEXES)
    parts = [[next(recipients) for _ in range(size)] for size in sizes]
    alert = groups.add(table, opened(table), parts, cursor=None, now=NOW)
    assert alert
    return alert


def claimed(table: Table, alert: Alert, number: int = 0, *, now: datetime = NOW) -> ClaimedChunk:
    chunk = chunks.claim(table, alert.alert_id, number, now=now)
    assert chunk
    return chunk


def settle(table: Table, alert: Alert, number: int = 0, *, now: datetime = NOW) -> None:
    chunk = claimed(table, alert, number, now=now)
    outcomes = dict.fromkeys(chunk.open_positions, Outcome.SENT)
    assert chunks.release(table, chunk, outcomes, now=now)


def set_state(table: Table, alert: Alert, state: AlertState) -> None:
    """Change the state of an alert from whatever it is."""
    assert alerts.mark(
        table,
        alert.alert_id,
        state,
        only_from=tuple(AlertState),
        reason="a wrong link",
        now=NOW,
    )


def only_group(table: Table, alert: Alert) -> Group:
    [group] = groups.page_of(table, alert.alert_id, limit=10)
    return group


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
        pilot_checked=False,
        totals=dict.fromkeys(Outcome, 0),
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
        alerts.mark_complete(petitions_table, alert, now=now)

    complete = alerts.get(petitions_table, alert.alert_id)
    assert (complete.state, complete.changed_at) == (AlertState.COMPLETE, LATER)
    assert list(alerts.list_open(petitions_table)) == []


def test_an_alert_that_was_paused_meanwhile_is_not_completed(petitions_table: Table) -> None:
    alert = opened(petitions_table)
    set_state(petitions_table, alert, AlertState.PAUSED)

    alerts.mark_complete(petitions_table, alert, now=LATER)

    paused = alerts.get(petitions_table, alert.alert_id)
    assert (paused.state, paused.reason) == (AlertState.PAUSED, "a wrong link")
    assert list(alerts.list_open(petitions_table)) == [alert.alert_id]


def test_a_cancelled_alert_stays_cancelled_when_it_leaves_the_open_ones(
    petitions_table: Table,
) -> None:
    alert = opened(petitions_table)
    set_state(petitions_table, alert, AlertState.CANCELLED)

    cancelled = alerts.get(petitions_table, alert.alert_id)
    alerts.mark_complete(petitions_table, cancelled, now=LATER + timedelta(minutes=1))

    # Its last change stays the moment at which it was cancelled.
    assert alerts.get(petitions_table, alert.alert_id) == cancelled
    assert cancelled.state is AlertState.CANCELLED
    assert list(alerts.list_open(petitions_table)) == []


def test_a_state_changes_only_from_those_that_are_named(petitions_table: Table) -> None:
    alert = opened(petitions_table)
    mark = partial(alerts.mark, petitions_table, alert.alert_id, now=LATER)

    assert not mark(AlertState.OPEN, only_from=(AlertState.PAUSED,))
    assert mark(AlertState.PAUSED, only_from=(AlertState.OPEN,), reason="a wrong link")
    assert not mark(AlertState.PAUSED, only_from=(AlertState.OPEN,))
    assert mark(AlertState.OPEN, only_from=(AlertState.PAUSED,))
    assert alerts.get(petitions_table, alert.alert_id).reason == ""


def test_the_alerts_of_a_petition_are_listed_newest_first(petitions_table: Table) -> None:
    ids = [
        add(petitions_table, f"news-{number}", now=NOW + timedelta(hours=number * 7 % 5))
        for number in range(5)
    ]

    assert list(alerts.list_of_petition(petitions_table, SLUG)) == [ids[n] for n in (2, 4, 1, 3, 0)]


def test_the_content_of_an_alert_is_read_as_it_was_frozen(petitions_table: Table) -> None:
    alert = opened(petitions_table)

    content = contents.get(petitions_table, alert.alert_id)

    assert content == builders.new_alert().content
    assert content.title("be") == "Адчыніце дзверы"
    assert content.title("pl") == "Open the door"
    with pytest.raises(NotFound):
        contents.get(petitions_table, SOME_ALERT)


def test_chunks_their_group_and_the_cursor_are_written_together_or_not_at_all(
    petitions_table: Table,
) -> None:
    alert = opened(petitions_table)

    moved = groups.add(petitions_table, alert, [INDEXES[:2], INDEXES[2:3]], cursor="3#", now=LATER)
    late = groups.add(petitions_table, alert, [INDEXES[3:]], cursor=None, now=LATER)

    assert late is None
    assert moved == alerts.get(petitions_table, alert.alert_id)
    assert (moved.chunk_count, moved.recipient_count, moved.cursor) == (2, 3, "3#")
    first, second = chunks.list_of(petitions_table, alert.alert_id, now=LATER)
    assert (first.recipients, first.state) == (tuple(INDEXES[:2]), ChunkState.DUE)
    assert (second.number, second.recipients) == (1, (INDEXES[2],))
    assert only_group(petitions_table, alert) == Group(
        first=0, chunk_count=2, recipient_count=3, added_at=LATER, queued_at=LATER
    )


def test_a_cursor_moves_without_a_group_past_those_who_get_nothing(petitions_table: Table) -> None:
    alert = opened(petitions_table)

    moved = groups.add(petitions_table, alert, [], cursor="3#", now=LATER)

    assert moved == alerts.get(petitions_table, alert.alert_id)
    assert moved.cursor == "3#"
    assert groups.page_of(petitions_table, alert.alert_id, limit=10) == []


@pytest.mark.parametrize("state", [state for state in AlertState if state is not AlertState.OPEN])
def test_an_alert_that_is_not_open_gets_no_chunk(petitions_table: Table, state: AlertState) -> None:
    alert = opened(petitions_table)
    set_state(petitions_table, alert, state)

    assert groups.add(petitions_table, alert, [INDEXES], cursor=None, now=LATER) is None
    assert list(chunks.list_of(petitions_table, alert.alert_id, now=LATER)) == []
    assert groups.page_of(petitions_table, alert.alert_id, limit=10) == []


def test_a_whole_group_of_full_chunks_fits_into_one_transaction(petitions_table: Table) -> None:
    parts = [
        [f"{number:04x}{n:030x}" for n in range(MAX_CHUNK_RECIPIENTS)]
        for number in range(MAX_GROUP_CHUNKS)
    ]

    with recorded(AwsCalls()) as calls:
        alert = groups.add(petitions_table, opened(petitions_table), parts, cursor=None, now=NOW)

    assert calls.made.count("dynamodb.TransactWriteItems") == 2
    assert alert
    read = chunks.list_of_group(petitions_table, alert.alert_id, only_group(petitions_table, alert))
    assert [chunk.size for chunk in read] == [99] * 25


def test_one_worker_has_a_chunk_until_it_is_released(petitions_table: Table) -> None:
    alert = with_group(petitions_table)

    mine = claimed(petitions_table, alert)
    theirs = chunks.claim(petitions_table, alert.alert_id, 0, now=NOW)

    assert theirs is None
    assert chunks.release(petitions_table, mine, {0: Outcome.SENT}, now=LATER)
    assert not chunks.release(petitions_table, mine, {1: Outcome.SENT}, now=LATER)
    again = claimed(petitions_table, alert, now=LATER)
    assert (again.attempt, again.open_positions) == (2, (1,))
    assert chunks.release(petitions_table, again, {1: Outcome.SKIPPED}, now=LATER)
    (chunk,) = chunks.list_of(petitions_table, alert.alert_id, now=LATER)
    assert chunk.state is ChunkState.SETTLED
    assert chunk.outcomes == {0: Outcome.SENT, 1: Outcome.SKIPPED}


def test_a_claim_ends_by_no_time_alone(petitions_table: Table) -> None:
    alert = with_group(petitions_table)
    claimed(petitions_table, alert)

    assert chunks.claim(petitions_table, alert.alert_id, 0, now=NOW + timedelta(days=9)) is None


def test_a_chunk_in_doubt_keeps_its_claim_and_what_is_known(petitions_table: Table) -> None:
    alert = with_group(petitions_table)
    chunk = claimed(petitions_table, alert)

    stored = chunks.release(
        petitions_table,
        chunk,
        {0: Outcome.REJECTED},
        reasons={0: "MESSAGE_REJECTED"},
        in_doubt=True,
        now=LATER,
    )

    assert stored
    [read] = chunks.list_of_group(
        petitions_table, alert.alert_id, only_group(petitions_table, alert)
    )
    assert (read.state, read.changed_at, read.open_positions) == (ChunkState.CLAIMED, NOW, (1,))
    assert (read.outcomes, read.reasons) == ({0: Outcome.REJECTED}, {0: "MESSAGE_REJECTED"})
    assert not read.is_in_doubt(NOW + LEASE - timedelta(seconds=1))
    assert read.is_in_doubt(NOW + LEASE)


def test_recovery_reads_no_recipients(petitions_table: Table) -> None:
    alert = with_group(petitions_table, (1, 1, 1))

    read = chunks.list_of_group(petitions_table, alert.alert_id, only_group(petitions_table, alert))

    assert [(chunk.number, type(chunk)) for chunk in read] == [(n, Chunk) for n in range(3)]


def test_a_settled_group_is_deleted_as_its_outcomes_are_counted_once(
    petitions_table: Table,
) -> None:
    alert = with_group(petitions_table)
    group = only_group(petitions_table, alert)
    chunk, outcomes = claimed(petitions_table, alert), {0: Outcome.SENT, 1: Outcome.REJECTED}
    chunks.release(petitions_table, chunk, outcomes, reasons={1: "SEAL"}, now=LATER)
    read = chunks.list_of_group(petitions_table, alert.alert_id, group)

    closed = [groups.close(petitions_table, alert.alert_id, group, read, now=NOW) for _ in range(2)]

    assert closed == [True, False]
    counted = alerts.get(petitions_table, alert.alert_id)
    assert (counted.totals[Outcome.SENT], counted.totals[Outcome.REJECTED]) == (1, 1)
    assert (counted.refusals, counted.settled_at) == ({"SEAL": 1}, LATER)
    assert groups.page_of(petitions_table, alert.alert_id, limit=10) == []


def test_a_group_that_was_queued_meanwhile_is_not_closed_as_it_was_read(
    petitions_table: Table,
) -> None:
    alert = with_group(petitions_table)
    group = only_group(petitions_table, alert)

    queued = [
        groups.mark_queued(petitions_table, alert.alert_id, group, now=LATER) for _ in range(2)
    ]

    assert queued == [True, False]
    assert not groups.close(petitions_table, alert.alert_id, group, [], now=LATER)


def test_who_is_mailed_again_moves_into_a_new_chunk_and_out_of_the_totals(
    petitions_table: Table,
) -> None:
    alert = with_group(petitions_table)
    chunk = claimed(petitions_table, alert)
    outcomes = {0: Outcome.SENT, 1: Outcome.REJECTED}
    chunks.release(petitions_table, chunk, outcomes, reasons={1: "SEAL"}, now=NOW)
    group = only_group(petitions_table, alert)
    read = chunks.list_of_group(petitions_table, alert.alert_id, group)
    groups.close(petitions_table, alert.alert_id, group, read, now=NOW)
    alerts.mark_complete(petitions_table, alert, now=NOW)
    complete = alerts.get(petitions_table, alert.alert_id)
    (settled,) = chunks.list_of(petitions_table, alert.alert_id, now=NOW)
    move = Move(chunk=settled, group=None, positions=settled.missed_positions)

    moved = [
        moves.add(petitions_table, complete, [move], parts_of([move], 50), now=LATER)
        for _ in range(2)
    ]

    assert [alert is not None for alert in moved] == [True, False]
    reopened = alerts.get(petitions_table, alert.alert_id)
    assert (reopened.state, reopened.chunk_count) == (AlertState.OPEN, 2)
    assert (reopened.totals[Outcome.SENT], reopened.totals[Outcome.REJECTED]) == (1, 0)
    assert list(alerts.list_open(petitions_table)) == [alert.alert_id]
    old, new = chunks.list_of(petitions_table, alert.alert_id, now=LATER)
    assert (old.state, set(old.moved)) == (ChunkState.SETTLED, {1})
    assert not old.missed_positions
    assert alerts.get(petitions_table, alert.alert_id).refusals == {}
    assert (new.state, new.recipients) == (ChunkState.DUE, (INDEXES[1],))
    assert only_group(petitions_table, alert).numbers == range(1, 2)


def test_a_settled_chunk_keeps_its_recipients_for_thirty_days(petitions_table: Table) -> None:
    alert = with_group(petitions_table)
    settle(petitions_table, alert)

    (chunk,) = chunks.list_of(petitions_table, alert.alert_id, now=NOW + RETENTION)
    expired = NOW + RETENTION + timedelta(seconds=1)

    assert (chunk.recipients, chunk.open_positions) == (tuple(INDEXES[:2]), ())
    assert timedelta(days=30) == RETENTION
    assert list(chunks.list_of(petitions_table, alert.alert_id, now=expired)) == []
    assert chunks.claim(petitions_table, alert.alert_id, 0, now=expired) is None


def test_ttl_deletes_every_item_that_names_a_recipient(petitions_table: Table) -> None:
    alert = with_group(petitions_table)
    due = petitions_table.find(keys.chunk(alert.alert_id, 0))
    chunk_events.add(petitions_table, alert.alert_id, 0, {EventKind.SEND: [0]}, now=NOW)
    settle(petitions_table, alert)

    at = int((NOW + RETENTION).timestamp())
    items = list(petitions_table.items_of(keys.alert_partition(alert.alert_id)))
    assert due
    assert keys.EXPIRES_AT not in due
    assert {item["sk"]: item.get("expires_at") for item in items} == {
        "chunk#00000000": at,
        "content": None,
        "events#00000000": at,
        "header": None,
    }
    [header] = [item for item in items if item["sk"] == "header"]
    assert "recipients" not in header


def test_groups_and_their_chunks_are_in_the_order_of_their_numbers(petitions_table: Table) -> None:
    alert = opened(petitions_table)
    for count in (9, 99_999, 123_456):
        petitions_table.update(
            keys.alert(alert.alert_id), "SET chunk_count = :count", values={":count": count}
        )
        current = alerts.get(petitions_table, alert.alert_id)
        groups.add(petitions_table, current, [INDEXES], cursor=current.cursor, now=NOW)

    firsts = [group.first for group in groups.list_all(petitions_table, alert.alert_id)]
    page = groups.page_of(petitions_table, alert.alert_id, limit=1, after=9)

    assert firsts == [9, 99_999, 123_456]
    assert [group.first for group in page] == [99_999]
    [chunk] = chunks.list_of_group(petitions_table, alert.alert_id, page[0])
    assert chunk.number == 99_999


def test_one_probe_replaces_another_once(petitions_table: Table) -> None:
    first = Probe(probe_id="a" * 16, sent_at=NOW)
    second = Probe(probe_id="b" * 16, sent_at=LATER)

    assert probes.find(petitions_table) is None
    assert [probes.add(petitions_table, first, after="") for _ in range(2)] == [True, False]
    assert probes.add(petitions_table, second, after=first.probe_id)
    assert not probes.add(petitions_table, first, after=first.probe_id)
    assert probes.find(petitions_table) == second
