"""Fault injection: every AWS call of every journey fails in every way; nothing is lost or doubled.

A first run of a journey records its calls. Then the journey runs again for each call and each
fault, from the step with the call; people and AWS try again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import keys, preferences, suppressions
from chalicelib.store.integrity import tallies
from chalicelib.usecases.alerts import controlling, retrying, starting
from tests.faults import AwsCalls, Crash, Fault, first_of_each_run, recorded
from tests.world import World

Step = Callable[[World], None]

ADDRESS = {"email": "hanna@example.org"}
SUBSCRIBERS = ["one@example.org", "two@example.org"]
BOUNCING = "bounce@simulator.amazonses.com"
"""An address that SES's simulator bounces for good."""


@pytest.fixture(autouse=True)
def few_shards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves only the first shard and those of SUBSCRIBERS: fan-out reads all of them."""
    shards = {keys.SHARDS[0]} | {
        blind_indexes.subscriber_index(world.services, "open-door", address)[2]
        for address in map(email_address.parse, [*SUBSCRIBERS, BOUNCING])
    }
    monkeypatch.setattr(keys, "SHARDS", tuple(sorted(shards)))


@contextmanager
def naming_the_fault(where: str) -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}") from error


def until_accepted(world: World, send: Callable[[], int]) -> None:
    """Repeat a request until its status is 200, as a person does."""
    for _ in range(5):
        try:
            if send() == 200:
                return
        except Crash:
            world.restart()
    raise AssertionError("five tries failed")


def until_settled(world: World) -> None:
    """Redeliver messages and move the clock until no work is left."""
    for _ in range(12):
        try:
            world.deliver_all()
            world.run_every_minute()
        except (Crash, Exception):  # noqa: BLE001 - Lambda retries whatever went wrong
            world.restart()
        else:
            if world.is_idle():
                return
        world.clock.advance(minutes=3)
        world.make_messages_visible()
    raise AssertionError("work is left after twelve rounds")


def deliver_what_waits(world: World) -> None:
    try:
        world.deliver_all()
    except (Crash, Exception):  # noqa: BLE001 - it comes again
        world.restart()


def request(send: Callable[[World], int]) -> Step:
    """A step that repeats a request until it is accepted."""
    return lambda world: until_accepted(world, lambda: send(world))


def button(**fields: str) -> Step:
    """A step that posts the form of the last mailed link."""
    return request(lambda world: world.post(world.link(), fields).status_code)


def sign_with_alerts(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.clock.advance(minutes=1)


def a_day_later(world: World) -> None:
    world.clock.advance(days=1)
    until_settled(world)


def subscribe_and_publish(frequency: Frequency) -> Step:
    def prepare(world: World) -> None:
        subscribe(world, frequency)
        world.publish_update()

    return prepare


def subscribe(world: World, frequency: Frequency, addresses: Sequence[str] = SUBSCRIBERS) -> None:
    for address in map(email_address.parse, addresses):
        sealed_records.add_subscription(
            world.services,
            slug="open-door",
            language="en",
            address=address,
            requested_at=world.clock.now(),
        )
        preferences.save(
            world.services.subscribers,
            world.services.petitions,
            "open-door",
            blind_indexes.subscriber_index(world.services, "open-door", address),
            language="en",
            frequency=frequency,
        )


def start_alert(world: World) -> None:
    """Start the alert, and try again while that fails, as an organiser does."""
    for _ in range(3):
        try:
            starting.start_update(world.services, "open-door/first-news")
        except (Crash, Unavailable):
            world.restart()
        else:
            return
    raise AssertionError("three tries failed")


def until_done(act: Callable[[World, str], object]) -> Step:
    """A step in which an organiser tries again while a command on the alert fails."""

    def step(world: World) -> None:
        for _ in range(3):
            try:
                act(world, world.alert_id())
            except (Crash, Unavailable):
                world.restart()
            else:
                return
        raise AssertionError("three tries failed")

    return step


def miss_everybody(world: World) -> None:
    """Send an alert to addresses whose seals are broken; then mend the seals."""
    subscribe_and_publish(Frequency.EACH)(world)
    whole = world.subscriptions()
    for item in whole:
        key = {"pk": item["pk"], "sk": item["sk"]}
        world.services.subscribers.put(key, {**item, "sealed_address": b"\x01 damaged"})
    start_alert(world)
    until_settled(world)
    for item in whole:
        world.services.subscribers.put({"pk": item["pk"], "sk": item["sk"]}, item)


def first_block_link(world: World) -> str:
    """The block link in the first mail."""
    return world.link_to("block", world.mails()[0])


def one_signature(world: World) -> None:
    assert world.count() == 1
    assert len(world.unsealed()) == 1
    assert len(world.subscriptions()) == 1


def one_corrected_signature(world: World) -> None:
    one_signature(world)
    assert [record["name"] for record in world.unsealed()] == ["Hanna"]
    assert dict(tallies.get(world.services.petitions, "open-door").countries) == {"LT": 1}


def no_signature(world: World) -> None:
    assert world.count() == 0
    assert world.unsealed() == []


def no_more_mails(world: World) -> None:
    # One before the block to confirm, and the welcome.
    assert len(world.mails("hanna@example.org")) == 2
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def one_alert_each(world: World) -> None:
    for address in SUBSCRIBERS:
        alerts = [mail for mail in world.mails(address) if "List-Unsubscribe" in mail.headers]
        assert len(alerts) == 1, f"{len(alerts)} alerts"


def subscribe_somebody_who_bounces(world: World) -> None:
    subscribe(world, Frequency.EACH, [*SUBSCRIBERS, BOUNCING])
    world.publish_update()


def one_alert_each_but_no_second_for_who_bounces(world: World) -> None:
    one_alert_each(world)
    address = email_address.parse(BOUNCING)
    index = blind_indexes.suppression_index(world.services, address)
    now = world.clock.now()
    assert index in suppressions.find_many(world.services.subscribers, [index], now=now)


@dataclass(frozen=True, kw_only=True)
class Journey:
    """The preparation, the steps whose calls fail, and the check of the result."""

    prepare: Step = lambda world: None
    steps: Sequence[Step]
    check: Callable[[World], None]


JOURNEYS = {
    "signing": Journey(
        steps=(
            request(lambda world: world.sign(alerts="yes").status_code),
            until_settled,
            button(),
            until_settled,
        ),
        check=one_signature,
    ),
    "withdrawing": Journey(
        prepare=sign_with_alerts,
        steps=(
            request(lambda world: world.post("/en/open-door/manage", ADDRESS).status_code),
            until_settled,
            button(do="withdraw", news="stop"),
            until_settled,
        ),
        check=no_signature,
    ),
    "correcting": Journey(
        prepare=sign_with_alerts,
        steps=(
            request(lambda world: world.post("/en/open-door/manage", ADDRESS).status_code),
            until_settled,
            button(do="correct", name="Hanna", country="LT"),
            until_settled,
        ),
        check=one_corrected_signature,
    ),
    "asking for news after signing": Journey(
        prepare=lambda world: world.sign_and_confirm(),
        steps=(
            request(lambda world: world.sign(alerts="yes").status_code),
            until_settled,
            request(lambda world: world.post(world.link_to("confirm-alerts"), {}).status_code),
            until_settled,
        ),
        check=one_signature,
    ),
    "blocking": Journey(
        prepare=sign_with_alerts,
        steps=(
            request(lambda world: world.post(first_block_link(world), {}).status_code),
            request(lambda world: world.sign().status_code),
            until_settled,
        ),
        check=no_more_mails,
    ),
    "alerting": Journey(
        prepare=subscribe_and_publish(Frequency.EACH),
        steps=(start_alert, until_settled),
        check=one_alert_each,
    ),
    "pausing and resuming": Journey(
        prepare=subscribe_and_publish(Frequency.EACH),
        steps=(
            start_alert,
            until_done(lambda world, alert_id: controlling.pause(world.services, alert_id)),
            deliver_what_waits,
            until_done(lambda world, alert_id: controlling.resume(world.services, alert_id)),
            until_settled,
        ),
        check=one_alert_each,
    ),
    "bouncing": Journey(
        prepare=subscribe_somebody_who_bounces,
        steps=(start_alert, until_settled),
        check=one_alert_each_but_no_second_for_who_bounces,
    ),
    "mailing again": Journey(
        prepare=miss_everybody,
        steps=(
            until_done(lambda world, alert_id: retrying.again_missed(world.services, alert_id)),
            until_settled,
        ),
        check=one_alert_each,
    ),
    "mailing again by a job": Journey(
        prepare=miss_everybody,
        steps=(
            until_done(lambda world, alert_id: retrying.ask_again_missed(world.services, alert_id)),
            until_settled,
        ),
        check=one_alert_each,
    ),
    "digest": Journey(
        prepare=subscribe_and_publish(Frequency.WEEKLY),
        steps=(start_alert, until_settled, a_day_later),
        check=one_alert_each,
    ),
}


# A process killed before a call was killed after the previous one.
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.KILLED_BEFORE])
@pytest.mark.parametrize("name", JOURNEYS)
def test_a_fault_at_any_call_loses_nothing_and_doubles_nothing(
    name: str, fault: Fault, world: World
) -> None:
    journey = JOURNEYS[name]
    not_ours = frozenset({id(world.sqs)})
    calls = AwsCalls(not_ours=not_ours)
    starts: list[tuple[int, Callable[[], None]]] = []
    journey.prepare(world)
    for step in journey.steps:
        starts.append((len(calls.made), world.snapshot()))
        world.restart()
        with recorded(calls):
            step(world)
    journey.check(world)

    for position in first_of_each_run(calls.made):
        number = max(at for at, (first, _) in enumerate(starts) if first <= position)
        first, bring_back = starts[number]
        bring_back()
        failing = AwsCalls(at=position - first, fault=fault, not_ours=not_ours)
        for step in journey.steps[number:]:
            world.restart()
            with recorded(failing):
                step(world)
        with naming_the_fault(f"{fault.value} at call {position}, {calls.made[position]}"):
            assert failing.at == -1, "no call failed"
            journey.check(world)
