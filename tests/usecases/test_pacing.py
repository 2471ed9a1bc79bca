"""Once a minute SES is asked for the account, and the log says what is stopped."""

from typing import Any

import pytest

from chalicelib.domain.alerts.pacing import QUOTA_REASON, Pace
from chalicelib.mail import ses
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import pacing as store
from chalicelib.usecases import pacing
from tests.faults import AwsCalls, Fault, recorded
from tests.world import World


def stored(world: World) -> Pace:
    return store.find(world.services.petitions)


def errors(lines: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in lines if line["level"] == "ERROR"]


def test_rate_quota_and_what_was_sent_are_stored(world: World) -> None:
    world.sign()
    world.deliver_all()
    world.ses.rate, world.ses.quota = 14.5, 50_000

    pacing.every_minute(world.services)

    pace = stored(world)
    assert (pace.rate, pace.quota, pace.sent, pace.sandbox) == (14.5, 50_000, 1, False)


def test_an_unlimited_quota_is_none(world: World) -> None:
    world.ses.quota = -1

    pacing.every_minute(world.services)

    assert stored(world).quota is None
    assert stored(world).bulk_left is None


def test_a_quiet_minute_asks_ses_and_writes_nothing(world: World) -> None:
    with recorded(AwsCalls()) as calls:
        pacing.every_minute(world.services)

    assert calls.made == ["dynamodb.GetItem", "sesv2.GetAccount"]


def test_a_paused_account_stops_all_and_is_said_each_minute(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    world.ses.enabled = False
    for _ in range(2):
        pacing.every_minute(world.services)
        world.clock.advance(minutes=1)

    assert errors(log_lines) == ["sending stopped: SES has paused all sending of this account"] * 2
    world.sign()
    world.deliver_all()
    assert world.mails() == []


def test_mails_go_on_by_themselves_when_the_account_is_released(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    world.ses.enabled = False
    world.sign()
    world.deliver_all()
    for _ in range(60):
        world.run_every_minute()
        world.clock.advance(minutes=1)
        world.make_messages_visible()
        world.deliver_all()
    world.ses.enabled = True
    world.clock.advance(minutes=15)
    world.make_messages_visible()
    world.deliver_all()

    assert len(world.mails()) == 1
    assert stored(world).stop is None
    log_lines.clear()
    world.run_every_minute()
    assert errors(log_lines) == []


def test_a_quota_that_is_used_up_is_said(world: World, log_lines: list[dict[str, Any]]) -> None:
    world.sign()
    world.deliver_all()

    world.grant_mails(quota=1)

    assert errors(log_lines) == [f"sending stopped: {QUOTA_REASON}"]


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_what_ses_does_not_tell_stays_as_it_was(
    world: World, fault: Fault, log_lines: list[dict[str, Any]]
) -> None:
    world.grant_mails(rate=14)
    world.ses.rate = 99

    with recorded(AwsCalls(at="sesv2.GetAccount", fault=fault)):
        pacing.every_minute(world.services)

    assert stored(world).rate == 14
    assert errors(log_lines) == []


def test_a_slot_that_is_given_meanwhile_is_not_forgotten(world: World) -> None:
    pace = sending_rate.newest(world.services)
    world.ses.rate = 14
    account = ses.get_account(world.services.ses)
    world.sign()
    world.deliver_all()

    sending_rate.tell(world.services, account, asked_with=pace)

    assert (stored(world).rate, stored(world).slots, stored(world).slots_read) == (14, 1, 0)
