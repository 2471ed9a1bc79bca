"""Slots are given at SES's pace, to workers that do not know of each other."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.alerts.pacing import QUOTA_REASON, Lane, NotNow, SendingStopped
from chalicelib.mail.ses_faults import PAUSED, AccountFault, InDoubt, Throttled
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import pacing
from chalicelib.wiring import Services
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

UPDATE = "dynamodb.UpdateItem"


@pytest.fixture
def paced(world: World) -> World:
    """A world whose SES grants 14 mails a second."""
    world.grant_mails(rate=14)
    return world


def another_worker(world: World) -> Services:
    """The services of another process."""
    world.restart()
    return world.services


def raised_by(world: World, fault: Exception) -> None:
    """Let a call to SES fail in this way."""
    with pytest.raises(type(fault)), sending_rate.learning(world.services):
        raise fault


def test_a_slot_is_one_write_once_the_pace_is_known(paced: World) -> None:
    sending_rate.reserve(paced.services, Lane.SINGLE, 1)

    for pause in (0, 0, 5, 0.001):
        paced.clock.advance(seconds=pause)
        for lane in Lane:
            with recorded(AwsCalls()) as calls:
                try:
                    sending_rate.reserve(paced.services, lane, 1)
                except NotNow:
                    continue
            assert calls.made == [UPDATE]


def test_two_workers_get_slots_one_after_the_other(paced: World) -> None:
    first, second = another_worker(paced), another_worker(paced)
    now = paced.clock.now()

    starts = [sending_rate.reserve(services, Lane.ALERT, 28) for services in (first, second, first)]

    # 28 mails at 11.2 a second take 2.5 seconds.
    assert [(start - now).total_seconds() for start in starts] == [0.0, 2.5, 5.0]
    assert sending_rate.reserve(second, Lane.SINGLE, 1) == now


def test_bulk_that_would_wait_long_is_told_when_to_come_again(paced: World) -> None:
    for _ in range(2):
        sending_rate.reserve(paced.services, Lane.ALERT, 56)

    with pytest.raises(NotNow) as raised:
        sending_rate.reserve(paced.services, Lane.ALERT, 56)

    assert raised.value.retry_after_seconds == 4
    paced.clock.advance(seconds=4)
    assert sending_rate.reserve(paced.services, Lane.ALERT, 56) > paced.clock.now()


@pytest.mark.parametrize("fault", Fault)
def test_a_slot_that_is_lost_only_delays(paced: World, fault: Fault) -> None:
    sending_rate.reserve(paced.services, Lane.ALERT, 14)
    before = paced.clock.now()

    with pytest.raises((Crash, Exception)), recorded(AwsCalls(at=UPDATE, fault=fault)):
        sending_rate.reserve(paced.services, Lane.ALERT, 14)
    start = sending_rate.reserve(another_worker(paced), Lane.ALERT, 14)

    assert start - before <= timedelta(seconds=2.5)


def test_throttling_slows_down_every_worker(paced: World) -> None:
    other = another_worker(paced)
    sending_rate.reserve(other, Lane.SINGLE, 1)
    paced.restart()

    raised_by(paced, Throttled("TooManyRequestsException"))
    paced.clock.advance(seconds=1)
    sending_rate.reserve(other, Lane.SINGLE, 1)

    assert sending_rate.mails_per_call(other) == 7
    assert sending_rate.chunk_size(other) == 39


def test_the_account_stops_all_lanes_and_comes_back_by_itself(paced: World) -> None:
    other = another_worker(paced)
    sending_rate.reserve(other, Lane.SINGLE, 1)
    paced.restart()

    raised_by(paced, AccountFault("AccountSuspendedException"))

    for lane in Lane:
        with pytest.raises(SendingStopped, match="60") as raised:
            sending_rate.reserve(other, lane, 1)
        assert raised.value.reason == "SES has shut this account down for mail"
    paced.clock.advance(minutes=1)
    sending_rate.reserve(other, Lane.SINGLE, 1)
    with pytest.raises(SendingStopped, match="120"):
        sending_rate.reserve(another_worker(paced), Lane.SINGLE, 1)
    with sending_rate.learning(other):
        pass
    sending_rate.reserve(another_worker(paced), Lane.ALERT, 1)


def test_a_trial_that_fails_doubles_the_wait(paced: World) -> None:
    raised_by(paced, AccountFault(PAUSED))
    waits = []
    for _ in range(6):
        with pytest.raises(SendingStopped) as raised:
            sending_rate.reserve(paced.services, Lane.SINGLE, 1)
        waits.append(raised.value.retry_after_seconds / 60)
        paced.clock.advance(seconds=raised.value.retry_after_seconds)
        sending_rate.reserve(paced.services, Lane.SINGLE, 1)
        raised_by(paced, AccountFault(PAUSED))

    assert waits == [1, 2, 4, 8, 15, 15]


def test_a_trial_whose_worker_dies_is_followed_by_another(paced: World) -> None:
    raised_by(paced, AccountFault(PAUSED))
    paced.clock.advance(minutes=1)
    sending_rate.reserve(paced.services, Lane.SINGLE, 1)

    paced.clock.advance(minutes=2)

    sending_rate.reserve(another_worker(paced), Lane.SINGLE, 1)


def test_three_lost_answers_stop_what_would_only_be_in_doubt(paced: World) -> None:
    for _ in range(2):
        raised_by(paced, InDoubt("ReadTimeoutError"))
    with sending_rate.learning(paced.services):
        pass
    for _ in range(3):
        sending_rate.reserve(paced.services, Lane.ALERT, 1)
        raised_by(paced, InDoubt("ReadTimeoutError"))

    with pytest.raises(SendingStopped) as raised:
        sending_rate.reserve(another_worker(paced), Lane.ALERT, 1)

    assert raised.value.reason == "SES does not answer"


def test_an_hour_without_ses_leaves_few_calls_in_doubt(paced: World) -> None:
    calls = 0
    for _ in range(3600):
        paced.clock.advance(seconds=1)
        try:
            sending_rate.reserve(paced.services, Lane.ALERT, 14)
        except NotNow:
            continue
        calls += 1
        raised_by(paced, InDoubt("ReadTimeoutError"))

    assert calls <= 3 + 7


def test_the_daily_quota_stops_bulk_only_until_ses_says_less(paced: World) -> None:
    paced.grant_mails(rate=14, quota=1000)

    raised_by(paced, AccountFault("ACCOUNT_DAILY_QUOTA_EXCEEDED"))

    with pytest.raises(SendingStopped) as raised:
        sending_rate.reserve(another_worker(paced), Lane.ALERT, 1)
    assert raised.value.reason == QUOTA_REASON
    sending_rate.reserve(paced.services, Lane.SINGLE, 1)
    paced.run_every_minute()
    sending_rate.reserve(another_worker(paced), Lane.ALERT, 1)


def test_two_workers_with_an_old_idea_stop_once(paced: World) -> None:
    other = another_worker(paced)
    sending_rate.reserve(other, Lane.SINGLE, 1)
    raised_by(paced, AccountFault(PAUSED))
    first = pacing.find(paced.services.petitions).stop

    paced.clock.advance(seconds=30)
    sending_rate.stopped(other, AccountFault(PAUSED))

    assert pacing.find(paced.services.petitions).stop == first


FAULTS: dict[str, Callable[[], Exception]] = {
    "throttled": lambda: Throttled("x"),
    "account": lambda: AccountFault(PAUSED),
    "in doubt": lambda: InDoubt("x"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_ses_answers_reaches_the_caller_while_the_table_fails(paced: World, name: str) -> None:
    """Else a lost answer would look like a call that was never made."""
    sending_rate.reserve(paced.services, Lane.SINGLE, 1)

    with recorded(AwsCalls(at=UPDATE, fault=Fault.THROTTLED)):
        raised_by(paced, FAULTS[name]())


def test_a_success_is_one_while_the_table_fails(paced: World) -> None:
    raised_by(paced, InDoubt("x"))

    with (
        recorded(AwsCalls(at=UPDATE, fault=Fault.THROTTLED)),
        sending_rate.learning(paced.services),
    ):
        pass


def test_before_ses_is_asked_the_pace_is_that_of_its_sandbox(paced: World) -> None:
    paced.services.petitions.delete({"pk": "pacing", "sk": "account"})
    services = another_worker(paced)

    assert sending_rate.chunk_size(services) == 4
    assert sending_rate.mails_per_call(services) == 1
    assert sending_rate.reserve(services, Lane.ALERT, 4) == paced.clock.now()


def test_waiting_ends_at_the_moment_and_never_before(paced: World) -> None:
    moment = paced.clock.now() + timedelta(seconds=2.5)

    sending_rate.wait_until(paced.services, moment)
    assert paced.clock.now() == moment
    sending_rate.wait_until(paced.services, moment - timedelta(seconds=1))
    assert paced.clock.now() == moment
