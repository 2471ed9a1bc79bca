"""Who may have been mailed is not mailed again before SES's events say that they were not."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.routes.events import queues
from chalicelib.store.alerts import alerts, chunk_events, probes
from chalicelib.usecases.alerts import controlling, recovery, retrying, sending
from ops.local import moto_internals
from tests import builders
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.usecases.alerts.alerting import (
    lose_jobs,
    news,
    run_minutes,
    start,
    subscribe_many,
    waiting_jobs,
)
from tests.world import World

BULK_SEND = "sesv2.SendBulkEmail"
FAULTS = (Fault.ANSWER_LOST, Fault.KILLED_BEFORE, Fault.KILLED_AFTER)


def send_with(world: World, fault: Fault, **changes: Any) -> str:
    """Start an alert whose only chunk meets this fault at SES; the id of the alert."""
    alert_id = start(world, **changes)
    lose_jobs(world)
    with recorded(AwsCalls(at=BULK_SEND, fault=fault)):
        try:
            sending.send_chunk(world.services, builders.chunk_job(alert_id))
        except Crash:
            world.restart()
    return alert_id


def messages_of_feedback() -> list[Any]:
    return moto_internals.messages_of(moto_internals.queues()["zaklik-feedback"])


def take_events(world: World) -> list[Any]:
    """Take every event out of the queue, as if it were late."""
    taken = list(messages_of_feedback())
    messages_of_feedback().clear()
    return taken


def minutes_without_events(world: World, minutes: int, *, step: int = 1) -> list[Any]:
    """Let minutes pass in which recovery runs and no event comes; the events."""
    late = take_events(world)
    for _ in range(0, minutes, step):
        world.clock.advance(minutes=step)
        recovery.every_minute(world.services)
        for message in waiting_jobs(world):
            queues.run_job(sqs_event("zaklik-jobs", message.body), None)
        lose_jobs(world)
        late += take_events(world)
    return late


@pytest.mark.parametrize("fault", FAULTS)
def test_a_chunk_in_doubt_mails_each_recipient_once(world: World, fault: Fault) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = send_with(world, fault)

    run_minutes(world, 6)

    assert sorted(mail.to for mail in news(world)) == addresses
    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.totals[Outcome.SENT]) == (AlertState.COMPLETE, 3)


def test_events_settle_a_chunk_without_a_probe(world: World) -> None:
    subscribe_many(world, 3)
    send_with(world, Fault.ANSWER_LOST)
    world.deliver_all()

    run_minutes(world, 2)

    assert probes.find(world.services.petitions) is None
    assert alerts.list_open(world.services.petitions) == []


@pytest.mark.parametrize("hours", [1, 9])
def test_no_time_alone_releases_a_chunk(world: World, hours: int) -> None:
    """Events that are hours late double nothing."""
    addresses = subscribe_many(world, 3)
    send_with(world, Fault.KILLED_AFTER)

    late = minutes_without_events(world, 60 * hours, step=20)
    before = len(news(world))
    messages_of_feedback().extend(late)
    run_minutes(world, 3)

    assert before == 3
    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.list_open(world.services.petitions) == []


def test_events_that_are_lost_for_some_release_only_these(world: World) -> None:
    """They are mailed twice: nobody can tell them from those whom SES has not taken."""
    subscribe_many(world, 3)
    send_with(world, Fault.KILLED_AFTER)
    del messages_of_feedback()[0:2]
    subjects = len(messages_of_feedback())

    run_minutes(world, 6)

    assert subjects > 0
    assert alerts.list_open(world.services.petitions) == []
    assert 3 <= len(news(world)) <= 5


def test_events_may_come_twice_and_in_any_order(world: World) -> None:
    addresses = subscribe_many(world, 3)
    send_with(world, Fault.KILLED_AFTER)
    events = take_events(world)
    bodies = [message.body for message in [*reversed(events), *events]]
    for body in bodies:
        moto_internals.put_message("zaklik-feedback", body)

    run_minutes(world, 6)

    assert sorted(mail.to for mail in news(world)) == addresses


def test_one_probe_at_a_time_is_sent(world: World) -> None:
    subscribe_many(world, 3)
    send_with(world, Fault.KILLED_BEFORE)

    with recorded(AwsCalls()) as calls:
        minutes_without_events(world, 10)

    assert calls.made.count(BULK_SEND) == 1


def test_a_probe_whose_events_are_lost_is_followed_by_another(world: World) -> None:
    addresses = subscribe_many(world, 3)
    send_with(world, Fault.KILLED_BEFORE)
    minutes_without_events(world, 16)

    run_minutes(world, 18)

    assert sorted(mail.to for mail in news(world)) == addresses


def test_a_probe_from_before_the_claim_ended_proves_nothing(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = send_with(world, Fault.KILLED_BEFORE)
    world.clock.advance(seconds=61)
    recovery.every_minute(world.services)
    world.deliver_all()
    probe = probes.find(world.services.petitions)
    world.clock.advance(seconds=1)
    world.services.petitions.update(
        {"pk": "probe", "sk": "newest"},
        "SET sent_at = :before",
        values={":before": int((world.clock.now() - timedelta(minutes=2)).timestamp() * 1000)},
    )

    recovery.every_minute(world.services)

    assert probe
    assert waiting_jobs(world) == []
    assert alerts.get(world.services.petitions, alert_id).is_open


def test_after_an_hour_without_events_somebody_is_told(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    subscribe_many(world, 3)
    alert_id = send_with(world, Fault.KILLED_AFTER)

    minutes_without_events(world, 60, step=5)
    early = [line for line in log_lines if line["event"] == f"doubtful alert {alert_id}"]
    minutes_without_events(world, 4)

    said = [line for line in log_lines if line["event"] == f"doubtful alert {alert_id}"]
    assert early == []
    assert len(said) >= 2
    assert controlling.show(world.services, alert_id).in_doubt == 3


def test_an_update_that_skips_doubt_settles_it_after_an_hour(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = send_with(world, Fault.KILLED_BEFORE, on_doubt=OnDoubt.SKIP)

    minutes_without_events(world, 75, step=5)

    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.totals[Outcome.DOUBTFUL]) == (AlertState.COMPLETE, 3)
    assert news(world) == []


def test_an_organiser_ends_a_doubt_by_skipping(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = send_with(world, Fault.KILLED_BEFORE)
    minutes_without_events(world, 75, step=5)
    still_open = alerts.get(world.services.petitions, alert_id).is_open

    controlling.skip_doubtful(world.services, alert_id)
    minutes_without_events(world, 2)

    assert still_open
    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.totals[Outcome.DOUBTFUL]) == (AlertState.COMPLETE, 3)


def test_an_organiser_ends_a_doubt_by_mailing_again(world: World) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = send_with(world, Fault.KILLED_BEFORE)
    minutes_without_events(world, 75, step=5)

    counts = [retrying.again_missed(world.services, alert_id) for _ in range(2)]
    run_minutes(world, 3)

    assert counts == [3, 0]
    assert sorted(mail.to for mail in news(world)) == addresses
    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.totals[Outcome.SENT]) == (AlertState.COMPLETE, 3)


def test_events_of_an_earlier_chunk_settle_nobody_who_is_mailed_again(world: World) -> None:
    """However late: the mail that is on its way again is another."""
    subscribe_many(world, 1)
    alert_id = send_with(world, Fault.KILLED_BEFORE, on_doubt=OnDoubt.SKIP)
    minutes_without_events(world, 75, step=5)
    retrying.again_missed(world.services, alert_id)
    chunk_events.add(
        world.services.petitions, alert_id, 0, {EventKind.SEND: [0]}, now=world.clock.now()
    )

    run_minutes(world, 4)

    assert len(news(world)) == 1


def test_a_chunk_of_two_calls_keeps_what_the_first_has_told(world: World) -> None:
    """The answer to the second call is lost: the first fifty are known to be sent."""
    addresses = subscribe_many(world, 60)
    alert_id = start(world)
    lose_jobs(world)
    calls = itertools.count()

    class SecondFails(AwsCalls):
        def pass_through(self, name: str, call: Any) -> Any:
            if name == BULK_SEND and next(calls) == 1:
                self.at = len(self.made)
                self.fault = Fault.ANSWER_LOST
            return super().pass_through(name, call)

    with recorded(SecondFails()):
        sending.send_chunk(world.services, builders.chunk_job(alert_id))
    progress = controlling.show(world.services, alert_id)
    run_minutes(world, 6)

    assert (progress.outcomes[Outcome.SENT], progress.left) == (30, 30)
    assert sorted(mail.to for mail in news(world)) == addresses


@pytest.mark.parametrize("faults", [FAULTS, FAULTS[::-1]])
def test_doubts_one_after_the_other_mail_each_once(world: World, faults: Sequence[Fault]) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = send_with(world, faults[0])
    for fault in faults[1:]:
        with recorded(AwsCalls(at=BULK_SEND, fault=fault)):
            for _ in range(6):
                try:
                    run_minutes(world, 1)
                except Crash:
                    world.restart()

    run_minutes(world, 8)

    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE
