"""The run of each minute: recovers what is stuck, and one fault stops nothing else."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.routes.events import errors
from chalicelib.store import keys, preferences
from chalicelib.store.alerts import alerts
from chalicelib.store.dynamodb.items import serialize
from chalicelib.usecases.alerts import fan_out, scheduling, starting
from ops.local import moto_internals
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.world import World


def subscribe(
    world: World,
    address: str,
    *,
    slug: str = "open-door",
    frequency: Frequency = Frequency.EACH,
) -> None:
    parsed = email_address.parse(address)
    sealed_records.add_subscription(
        world.services, slug=slug, language="en", address=parsed, requested_at=world.clock.now()
    )
    index = blind_indexes.subscriber_index(world.services, slug, parsed)
    assert preferences.save(
        world.services.subscribers,
        world.services.petitions,
        slug,
        index,
        language="en",
        frequency=frequency,
    )


def start(world: World, **changes: Any) -> str:
    """Publish an update, start its alert and fan it out; the id of the alert."""
    update = world.publish_update(builders.update(**changes))
    alert_id = starting.start_update(world.services, update.id)
    assert alert_id
    fan_out.fan_out(world.services, alert_id)
    return alert_id


def lose_jobs(world: World) -> None:
    moto_internals.messages_of(moto_internals.queues()["zaklik-jobs"]).clear()


def waiting_jobs(world: World) -> list[Any]:
    return list(moto_internals.messages_of(moto_internals.queues()["zaklik-jobs"]))


def items_of_alerts(world: World) -> list[str]:
    """The table of petitions without public figures, which the same run sets."""
    return sorted(
        repr(item)
        for item in world.stored_items("petitions")
        if item["pk"] not in ("tally", "public-figures")
    )


def set_state(world: World, state: AlertState) -> None:
    """Change the state of the alert, as no code does yet."""
    world.services.petitions.update(
        keys.alert(world.alert_id()),
        "SET #state = :state",
        names={"#state": "state"},
        values={":state": state},
    )


@pytest.mark.parametrize("state", [AlertState.PAUSED, AlertState.CANCELLED])
def test_an_alert_that_is_not_open_is_neither_fanned_out_nor_sent_nor_recovered(
    world: World, state: AlertState
) -> None:
    for address in ("one@example.org", "two@example.org"):
        subscribe(world, address)
    start(world)
    set_state(world, state)
    before = items_of_alerts(world)

    for _ in range(3):
        world.deliver_all()
        world.clock.advance(minutes=20)
        world.run_every_minute()
        assert waiting_jobs(world) == []

    assert world.mails() == []
    assert items_of_alerts(world) == before
    set_state(world, AlertState.OPEN)
    world.run_every_minute()
    world.deliver_all()
    assert len(world.mails()) == 2


def test_a_stuck_chunk_behind_twenty_thousand_settled_ones_is_found_in_one_query(
    world: World,
) -> None:
    subscribe(world, "hanna@example.org")
    alert_id = start(world)
    move_chunk(world, alert_id, 20_000)
    store_settled_chunks(world, alert_id, range(20_000))
    lose_jobs(world)
    world.clock.advance(minutes=3)
    world.restart()

    with recorded(AwsCalls()) as calls:
        scheduling.every_minute(world.services)
    of_alert = calls.made[calls.made.index("dynamodb.GetItem") :]
    world.deliver_all()
    world.run_every_minute()

    in_alerts = [name for name in of_alert if name != "ssm.GetParameters"]
    # The last call looks for pending digests.
    assert in_alerts == ["dynamodb.GetItem", "dynamodb.Query", "sqs.SendMessage", "dynamodb.Query"]
    assert len(world.mails()) == 1
    assert alerts.list_open(world.services.petitions) == []


def move_chunk(world: World, alert_id: str, number: int) -> None:
    """Give the first chunk of an alert another number."""
    table = world.services.petitions
    for key in (keys.chunk, keys.open_chunk):
        item = table.find(key(alert_id, 0)) or {}
        table.delete(key(alert_id, 0))
        more = {"number": number} if "number" in item else {}
        table.put(key(alert_id, number), {**item, **more, **key(alert_id, number)})
    table.update(keys.alert(alert_id), "SET chunk_count = :count", values={":count": number + 1})


def store_settled_chunks(world: World, alert_id: str, numbers: range) -> None:
    """Put chunks into moto's memory: that many calls would take minutes."""
    table = moto_internals.tables()[world.services.settings.petitions_table]
    for number in numbers:
        values = serialize(
            {
                **keys.chunk(alert_id, number),
                "number": number,
                "recipients": [b"\x01" * 16],
                "state": "settled",
                "attempt": 1,
                "sent": {0},
            }
        )
        pk, sk = DynamoType(values["pk"]), DynamoType(values["sk"])
        table.items[pk][sk] = Item(pk, sk, values)


def _damage_header(world: World) -> None:
    world.services.petitions.update(
        keys.alert(world.alert_id()), "REMOVE chunk_count, update_names"
    )


def _delete_header(world: World) -> None:
    world.services.petitions.delete(keys.alert(world.alert_id()))


def _damage_chunk(world: World) -> None:
    world.services.petitions.update(keys.chunk(world.alert_id(), 0), "REMOVE recipients")


def _delete_update(world: World) -> None:
    world.services.petitions.delete(keys.update("open-door", "first-news"))


def _delete_petition(world: World) -> None:
    world.services.petitions.delete(keys.petition("open-door"))


@pytest.mark.parametrize(
    "damage", [_damage_header, _delete_header, _damage_chunk, _delete_update, _delete_petition]
)
def test_the_fault_of_one_alert_stops_no_other_work(
    world: World, damage: Callable[[World], None]
) -> None:
    """Another alert is recovered, a scheduled one starts, a digest of another petition is made."""
    subscribe(world, "hanna@example.org")
    faulty = start(world)
    world.publish(builders.petition(slug="shut-door"))
    subscribe(world, "each@example.org", slug="shut-door")
    subscribe(world, "weekly@example.org", slug="shut-door", frequency=Frequency.WEEKLY)
    start(world, slug="shut-door")
    monday = builders.NOW + timedelta(days=1)
    world.publish_update(builders.update(slug="shut-door", name="late-news", send_at=monday))
    lose_jobs(world)
    damage(world)
    world.clock.moment = monday
    world.restart()

    for _ in range(3):
        with contextlib.suppress(errors.HandlerFailed):
            world.run_every_minute()
        world.deliver_all()
        world.clock.advance(minutes=3)

    assert sorted(mail.to for mail in world.mails()) == [
        "each@example.org",
        "each@example.org",
        "weekly@example.org",
    ]
    assert list(alerts.list_open(world.services.petitions)) == [faulty]


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
