"""The first thousand recipients of an alert show whether the others get it, too."""

from datetime import timedelta

import pytest

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.alerts.pilot import PilotReport
from chalicelib.store.alerts import alerts, chunk_events
from chalicelib.usecases.alerts import controlling, recovery
from tests.builders import NOW
from tests.usecases.alerts.alerting import (
    lose_jobs,
    news,
    run_minutes,
    start,
    subscribe_many,
)
from tests.world import World


@pytest.fixture(autouse=True)
def small_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot of ten."""
    monkeypatch.setattr(pilot, "PILOT_RECIPIENTS", 10)


def test_the_others_follow_once_the_outcomes_are_known(world: World) -> None:
    addresses = subscribe_many(world, 15)
    alert_id = start(world)
    world.deliver_all()
    first = len(news(world))

    run_minutes(world, 2)

    assert first == 10
    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE


def test_an_alert_to_fewer_has_no_pilot(world: World) -> None:
    subscribe_many(world, 9)
    start(world)

    run_minutes(world, 2)

    assert len(news(world)) == 9
    assert alerts.list_open(world.services.petitions) == []


def test_addresses_that_do_not_exist_pause_the_alert_until_somebody_resumes_it(
    world: World,
) -> None:
    subscribe_many(world, 15)
    alert_id = start(world)
    world.deliver_all()
    events = {EventKind.HARD_BOUNCE: [0, 3]}
    chunk_events.add(world.services.petitions, alert_id, 0, events, now=world.clock.now())

    run_minutes(world, 3)
    paused = alerts.get(world.services.petitions, alert_id)
    controlling.resume(world.services, alert_id)
    run_minutes(world, 3)

    assert (paused.state, paused.reason) == (
        AlertState.PAUSED,
        "2 of the first 10 addresses do not exist",
    )
    assert len(news(world)) == 15


def test_without_events_the_alert_goes_on_after_ten_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe_many(world, 15)
    alert_id = start(world)
    world.deliver_messages()
    monkeypatch.setattr(chunk_events, "find_many", lambda *_, **__: {})
    table = world.services.petitions

    for _ in range(9):
        world.clock.advance(minutes=1)
        recovery.every_minute(world.services)
    waiting = alerts.get(table, alert_id).pilot_checked
    world.clock.advance(minutes=2)
    recovery.every_minute(world.services)

    assert not waiting
    assert alerts.get(table, alert_id).pilot_checked
    lose_jobs(world)


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "stops"),
    [
        (1000, 49, 0, False),
        (1000, 50, 0, True),
        (1000, 0, 1, False),
        (1000, 0, 2, True),
        (4000, 0, 2, False),
        (10, 0, 2, True),
        (0, 0, 0, False),
    ],
)
def test_five_bounces_in_a_hundred_or_a_complaint_in_a_thousand_stop_it(
    sent: int, bounced: int, complained: int, stops: bool
) -> None:
    report = PilotReport(
        sent=sent, known=sent, bounced=bounced, complained=complained, settled_at=NOW
    )

    assert bool(pilot.objection(report)) is stops


def test_the_pilot_is_over_when_enough_is_known_or_ten_minutes_have_passed() -> None:
    def report(known: int) -> PilotReport:
        return PilotReport(sent=1000, known=known, bounced=0, complained=0, settled_at=NOW)

    unsettled = PilotReport(sent=900, known=900, bounced=0, complained=0, settled_at=None)
    assert pilot.is_over(report(950), NOW)
    assert not pilot.is_over(report(949), NOW + timedelta(minutes=9))
    assert pilot.is_over(report(0), NOW + timedelta(minutes=10))
    assert not pilot.is_over(unsettled, NOW + timedelta(hours=1))
