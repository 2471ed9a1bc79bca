"""Each minute what got lost is found and what is settled is closed; one fault stops nothing."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.routes.events import errors
from chalicelib.store import keys
from chalicelib.store.alerts import alerts, groups
from chalicelib.store.dynamodb.items import serialize
from chalicelib.usecases.alerts import controlling, fan_out, recovery
from ops.local import moto_internals
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.usecases.alerts.alerting import (
    begin,
    lose_jobs,
    messages_of_jobs,
    news,
    run_minutes,
    start,
    subscribe,
    subscribe_many,
    waiting_jobs,
)
from tests.world import World


def test_jobs_that_got_lost_are_queued_again_once_nothing_gets_on(world: World) -> None:
    addresses = subscribe_many(world, 3)
    start(world)
    lose_jobs(world)

    world.clock.advance(seconds=90)
    world.run_every_minute()
    too_early = len(waiting_jobs(world))
    run_minutes(world, 2)

    assert too_early == 0
    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.list_open(world.services.petitions) == []


def test_a_lost_fan_out_is_queued_again(world: World) -> None:
    subscribe_many(world, 3)
    begin(world)
    lose_jobs(world)

    run_minutes(world, 4)

    assert len(news(world)) == 3
    assert alerts.list_open(world.services.petitions) == []


def test_a_message_that_waits_is_not_queued_twice(world: World) -> None:
    """While others are sent, chunks that sending has not reached have their messages."""
    world.grant_mails(rate=1)
    subscribe_many(world, 12)
    start(world)
    waiting = len(waiting_jobs(world))

    for _ in range(5):
        world.clock.advance(minutes=1)
        # Another alert gets on meanwhile.
        world.services.petitions.update(
            keys.alert(world.alert_id()),
            "SET settled_at = :now",
            values={":now": int(world.clock.now().timestamp() * 1000)},
        )
        world.run_every_minute()

    assert waiting == 3
    assert len(waiting_jobs(world)) == waiting


def test_nothing_is_queued_again_while_sending_is_stopped(world: World) -> None:
    subscribe_many(world, 3)
    start(world)
    lose_jobs(world)
    world.grant_mails(quota=0)

    for _ in range(10):
        world.clock.advance(minutes=1)
        world.run_every_minute()

    assert waiting_jobs(world) == []


def test_a_stuck_chunk_behind_two_thousand_settled_ones_is_found(world: World) -> None:
    subscribe(world, "hanna@example.org")
    alert_id = start(world)
    lose_jobs(world)
    move_chunk(world, alert_id, 2_000)
    store_settled_groups(world, alert_id, 2_000)
    world.restart()

    runs = 0
    while alerts.list_open(world.services.petitions):
        runs += 1
        run_minutes(world, 1)
        assert runs <= 5

    alert = alerts.get(world.services.petitions, alert_id)
    assert alert.state is AlertState.COMPLETE
    assert alert.totals[Outcome.SENT] == 2_001
    assert len(news(world)) == 1


def move_chunk(world: World, alert_id: str, number: int) -> None:
    """Give the first chunk of an alert and its group another number."""
    table = world.services.petitions
    for key in (keys.chunk, keys.open_group):
        item = table.find(key(alert_id, 0)) or {}
        table.delete(key(alert_id, 0))
        more = {"number": number} if "number" in item else {}
        table.put(key(alert_id, number), {**item, **more, **key(alert_id, number)})
    table.update(
        keys.alert(alert_id),
        "SET chunk_count = :count, recipient_count = :count",
        values={":count": number + 1},
    )


def store_settled_groups(world: World, alert_id: str, count: int) -> None:
    """Put settled chunks of one recipient and their groups into moto's memory.

    That many calls would take minutes.
    """
    moment = int(world.clock.now().timestamp() * 1000)
    for number in range(count):
        store(
            world,
            keys.chunk(alert_id, number),
            {
                "number": number,
                "size": 1,
                "recipients": [b"\x01" * 17],
                "state": "settled",
                "attempt": 1,
                "changed_at": moment,
                "sent": {0},
            },
        )
    for first in range(0, count, 25):
        entry = {"chunk_count": 25, "recipient_count": 25}
        moments = {"added_at": moment, "queued_at": moment}
        store(world, keys.open_group(alert_id, first), {**entry, **moments})


def store(world: World, key: keys.Key, attributes: dict[str, Any]) -> None:
    table = moto_internals.tables()[world.services.settings.petitions_table]
    values = serialize({**key, **attributes})
    pk, sk = DynamoType(values["pk"]), DynamoType(values["sk"])
    table.items[pk][sk] = Item(pk, sk, values)


def test_two_hundred_thousand_recipients_are_closed_in_one_run(world: World) -> None:
    """Two thousand chunks are 80 groups; a run reads and closes up to 400."""
    alert_id = begin(world)
    lose_jobs(world)
    store_settled_groups(world, alert_id, 2_000)
    world.services.petitions.update(
        keys.alert(alert_id),
        "SET chunk_count = :count, recipient_count = :count, #cursor = :none",
        names={"#cursor": "cursor"},
        values={":count": 2_000, ":none": None},
    )

    with recorded(AwsCalls()) as calls:
        recovery.every_minute(world.services)
        recovery.every_minute(world.services)

    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE
    # For each group one query and one transaction.
    assert calls.made.count("dynamodb.Query") < 90
    assert calls.made.count("dynamodb.TransactWriteItems") == 81


def test_a_chunk_behind_which_sending_goes_on_has_lost_its_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "MAX_GROUP_CHUNKS", 1)
    world.grant_mails(rate=1)
    subscribe_many(world, 12)
    alert_id = start(world)
    first, *others = waiting_jobs(world)
    messages_of_jobs().remove(first)
    assert len(others) == 2
    world.deliver_all()
    world.make_messages_visible()
    world.deliver_all()

    run_minutes(world, 4)

    assert len(news(world)) == 12
    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE


@pytest.mark.parametrize("state", [AlertState.PAUSED, AlertState.CANCELLED])
def test_an_alert_that_is_not_open_is_neither_fanned_out_nor_sent(
    world: World, state: AlertState
) -> None:
    subscribe_many(world, 2)
    alert_id = start(world)
    stop = controlling.pause if state is AlertState.PAUSED else controlling.cancel
    assert stop(world.services, alert_id, "a wrong link")

    for _ in range(4):
        world.deliver_all()
        world.clock.advance(minutes=20)
        world.run_every_minute()
        assert waiting_jobs(world) == []

    assert news(world) == []


def test_a_paused_alert_is_said_each_minute_without_what_a_person_has_typed(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    alert_id = start(world)
    controlling.pause(world.services, alert_id, "Hanna found a wrong link")

    for _ in range(2):
        recovery.every_minute(world.services)

    said = [line["event"] for line in log_lines if "paused" in line["event"]]
    assert said == [f"paused alert {alert_id}"] * 2


def test_an_alert_that_does_not_get_on_is_said_after_half_an_hour(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    subscribe(world, "hanna@example.org")
    alert_id = start(world)

    said = []
    for minutes in range(0, 40, 5):
        lose_jobs(world)
        recovery.every_minute(world.services)
        said += [minutes for line in log_lines if line["event"] == f"stalled alert {alert_id}"]
        log_lines.clear()
        world.clock.advance(minutes=5)

    assert said == [30, 35]


def test_an_alert_does_not_stall_while_sending_is_stopped(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    subscribe(world, "hanna@example.org")
    start(world)
    world.grant_mails(quota=0)

    world.clock.advance(hours=1)
    recovery.every_minute(world.services)

    assert not [line for line in log_lines if "stalled" in line["event"]]


def _damage_header(world: World) -> None:
    world.services.petitions.update(
        keys.alert(world.alert_id()), "REMOVE chunk_count, update_names"
    )


def _delete_header(world: World) -> None:
    world.services.petitions.delete(keys.alert(world.alert_id()))


def _damage_chunk(world: World) -> None:
    world.services.petitions.update(keys.chunk(world.alert_id(), 0), "REMOVE recipients")


def _delete_content(world: World) -> None:
    world.services.petitions.delete(keys.alert_content(world.alert_id()))


@pytest.mark.parametrize("damage", [_damage_header, _delete_header, _damage_chunk, _delete_content])
def test_the_fault_of_one_alert_stops_no_other(
    world: World, damage: Callable[[World], None]
) -> None:
    """Another alert is recovered, and a scheduled one starts."""
    subscribe(world, "hanna@example.org")
    faulty = start(world)
    world.publish(builders.petition(slug="shut-door"))
    subscribe(world, "each@example.org", slug="shut-door")
    start(world, slug="shut-door")
    late = world.clock.now() + timedelta(minutes=1)
    world.publish_update(builders.update(slug="shut-door", name="late-news", send_at=late))
    lose_jobs(world)
    damage(world)
    world.restart()

    for _ in range(4):
        world.clock.advance(minutes=1)
        with contextlib.suppress(errors.HandlerFailed):
            world.run_every_minute()
        world.deliver_all()

    assert [mail.to for mail in news(world)] == ["each@example.org"] * 2
    assert list(alerts.list_open(world.services.petitions)) == [faulty]


def test_a_text_that_is_deleted_after_the_start_is_sent_as_it_was(world: World) -> None:
    subscribe(world, "hanna@example.org")
    start(world)
    world.services.petitions.delete(keys.update("open-door", "first-news"))
    world.services.petitions.delete(keys.petition("open-door"))

    world.deliver_all()

    assert "The door moved" in news(world)[0].text


@pytest.mark.parametrize(
    ("damage", "error"), [(_damage_header, "KeyError"), (_delete_header, "NotFound")]
)
def test_a_fault_is_logged_by_class_and_id_and_fails_the_run(
    world: World,
    damage: Callable[[World], None],
    error: str,
    log_lines: list[dict[str, Any]],
) -> None:
    alert_id = start(world)
    damage(world)

    with pytest.raises(errors.HandlerFailed):
        world.run_every_minute()

    assert log_lines[0]["event"] == f"alert {alert_id} failed: {error}"
    assert log_lines[1]["error"] == error


def test_recovery_that_runs_twice_at_once_counts_once(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = start(world)
    world.deliver_all()
    table = world.services.petitions
    [group] = groups.page_of(table, alert_id, limit=10)
    recovery.every_minute(world.services)
    totals = alerts.get(table, alert_id).totals

    recovery.every_minute(world.services)

    assert not groups.close(table, alert_id, group, [], now=builders.NOW)
    assert alerts.get(table, alert_id).totals == totals
    assert totals[Outcome.SENT] == 3


def test_fan_out_that_is_late_adds_nothing_to_a_paused_alert(world: World) -> None:
    subscribe_many(world, 2)
    alert_id = begin(world)
    controlling.pause(world.services, alert_id)

    fan_out.fan_out(world.services, alert_id)

    assert alerts.get(world.services.petitions, alert_id).chunk_count == 0
