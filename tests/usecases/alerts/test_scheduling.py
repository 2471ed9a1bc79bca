"""The run of each minute starts what is due, and one fault stops nothing else."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from chalicelib.domain.subscriber import Frequency
from chalicelib.routes.events import errors
from chalicelib.store import keys
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import scheduling, starting
from chalicelib.usecases.alerts.starting import DatedLater
from tests import builders
from tests.faults import AwsCalls, lagging_replica, recorded
from tests.usecases.alerts.alerting import subscribe
from tests.world import World

UPDATE_ID = "open-door/first-news"


def was_sent(world: World, name: str = "first-news", *, slug: str = "open-door") -> bool:
    return alerts.find_id(world.services.petitions, slug, name) is not None


def test_an_update_starts_in_the_minute_of_its_time(world: World) -> None:
    world.publish_update(builders.update(send_at=world.clock.now() + timedelta(minutes=2)))

    sent = []
    for _ in range(3):
        world.run_every_minute()
        sent.append(was_sent(world))
        world.clock.advance(minutes=1)

    assert sent == [False, False, True]
    assert updates.due_by(world.services.petitions, world.clock.now()) == []


def test_an_update_that_was_written_just_now_is_not_taken_for_a_lost_one(world: World) -> None:
    """At a milestone the same run writes an update, and starts it."""
    world.publish_update(builders.update(send_at=world.clock.now()))
    client, key = world.services.petitions.client, keys.update("open-door", "first-news")

    with lagging_replica(client, key):
        schedule = updates.due_by(world.services.petitions, world.clock.now())
        scheduling._start_scheduled(world.services, schedule[0])

    assert was_sent(world)


def test_an_update_that_was_moved_or_taken_back_does_not_start_by_an_old_entry(
    world: World,
) -> None:
    """Two publish at once: an entry of the schedule is left of which the update knows nothing."""
    soon, later = (world.clock.now() + timedelta(hours=hours) for hours in (1, 2))
    for send_at in (later, None):
        world.publish_update(builders.update(send_at=send_at))
        world.services.petitions.put(keys.scheduled(soon, UPDATE_ID), {"update_id": UPDATE_ID})
        world.clock.moment = soon
        world.run_every_minute()

        assert not was_sent(world)
        assert updates.due_by(world.services.petitions, soon) == []


def test_an_update_of_which_only_an_entry_is_left_stops_nothing(world: World) -> None:
    now = world.clock.now()
    world.services.petitions.put(
        keys.scheduled(now, "open-door/no-news"), {"update_id": "open-door/no-news"}
    )
    world.publish_update(builders.update(send_at=now))

    world.run_every_minute()

    assert was_sent(world)
    assert updates.due_by(world.services.petitions, now) == []


def test_news_of_tomorrow_is_not_sent_today(world: World) -> None:
    world.publish_update(builders.update(published_on=date(2026, 3, 9)))

    with pytest.raises(DatedLater, match="2026-03-09"):
        starting.start_update(world.services, UPDATE_ID)
    world.clock.advance(days=1)
    assert starting.start_update(world.services, UPDATE_ID)


def test_a_minute_without_anything_due_reads_three_partitions(world: World) -> None:
    with recorded(AwsCalls()) as calls:
        scheduling.every_minute(world.services)

    assert calls.made == ["dynamodb.Query"] * 3


def _delete_update(world: World) -> None:
    world.services.petitions.delete(keys.update("open-door", "first-news"))


def _delete_petition(world: World) -> None:
    world.services.petitions.delete(keys.petition("open-door"))


def _damage_news(world: World) -> None:
    world.services.petitions.update(
        keys.news("open-door"), "SET daily_since = :x", values={":x": "soon"}
    )


@pytest.mark.parametrize("damage", [_delete_update, _delete_petition, _damage_news])
def test_the_fault_of_one_petition_stops_no_digest_of_another(
    world: World, damage: Callable[[World], None]
) -> None:
    world.publish(builders.petition(slug="shut-door"))
    subscribe(world, "weekly@example.org", slug="shut-door", frequency=Frequency.WEEKLY)
    for slug in ("open-door", "shut-door"):
        world.publish_update(builders.update(slug=slug))
        starting.start_update(world.services, f"{slug}/first-news")
    world.deliver_all()
    damage(world)
    world.clock.advance(days=1)

    for _ in range(2):
        try:
            world.run_every_minute()
        except errors.HandlerFailed:
            continue

    assert was_sent(world, "week-2026-03-09", slug="shut-door")
    assert was_sent(world, "day-2026-03-09", slug="shut-door")
    assert not was_sent(world, "week-2026-03-09")
