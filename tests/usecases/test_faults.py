"""Every AWS call of every journey goes wrong in every way; nothing is lost, nothing doubled.

Each journey is run once to learn its calls. Then it is run again for each call and each fault, in
a fresh world: whoever is affected does what people and AWS do, that is try again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chalicelib import filing
from chalicelib.domain import email_address
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import subscribers
from chalicelib.usecases import alerting
from tests.faults import Calls, Fault, watched, worth_breaking
from tests.world import Crash, World

Journey = Callable[[World, Calls], None]

SUBSCRIBERS = ["one@example.org", "two@example.org"]
"""They lie in different shards, so each is a chunk of its own."""


@contextmanager
def explained(where: str) -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}") from error


def until_answered(world: World, ask: Callable[[], int]) -> None:
    """A person tries until the page says that it went well."""
    for _ in range(5):
        try:
            if ask() == 200:
                return
        except Crash:
            world.restart()
    raise AssertionError("five tries did not help")


def until_settled(world: World) -> None:
    """AWS delivers again what was not handled, and the clock ticks on, until all is at rest."""
    for _ in range(12):
        try:
            world.settle()
            world.tick()
        except (Crash, Exception):  # noqa: BLE001 - Lambda retries whatever went wrong
            world.restart()
        else:
            if world.at_rest():
                return
        world.clock.advance(minutes=3)
        world.release_messages()
    raise AssertionError("it does not come to rest")


def signing_journey(world: World, calls: Calls) -> None:
    with watched(calls):
        until_answered(world, lambda: world.sign(alerts="yes").status_code)
        until_settled(world)
        until_answered(world, lambda: world.post(world.link(), {}).status_code)
        until_settled(world)


def withdrawing_journey(world: World, calls: Calls) -> None:
    world.sign_and_confirm()
    world.clock.advance(minutes=1)
    with watched(calls):
        form = {"email": "hanna@example.org"}
        until_answered(world, lambda: world.post("/en/open-door/manage", form).status_code)
        until_settled(world)
        pressed = {"do": "withdraw", "news": "stop"}
        until_answered(world, lambda: world.post(world.link(), pressed).status_code)
        until_settled(world)


def blocking_journey(world: World, calls: Calls) -> None:
    world.sign_and_confirm(alerts="yes")
    world.clock.advance(minutes=1)
    never = world.link_to("never")
    with watched(calls):
        until_answered(world, lambda: world.post(never, {}).status_code)
        until_answered(world, lambda: world.sign().status_code)
        until_settled(world)


def alerting_journey(world: World, calls: Calls) -> None:
    subscribe(world, Frequency.EACH)
    world.publish_update()
    with watched(calls):
        until_started(world)
        until_settled(world)


def digest_journey(world: World, calls: Calls) -> None:
    subscribe(world, Frequency.WEEKLY)
    world.publish_update()
    with watched(calls):
        until_started(world)
        until_settled(world)
        world.clock.advance(days=1)
        until_settled(world)


def subscribe(world: World, frequency: Frequency) -> None:
    for address in map(email_address.parse, SUBSCRIBERS):
        filing.keep_subscription(
            world.services,
            slug="open-door",
            language="en",
            address=address,
            asked_at=world.clock.now(),
        )
        subscribers.change(
            world.services.subscribers,
            "open-door",
            filing.subscriber_index(world.services, "open-door", address),
            language="en",
            frequency=frequency,
        )


def until_started(world: World) -> None:
    """An organiser types the command until it says that the alert is on its way, or was."""
    for _ in range(3):
        try:
            alerting.start_alert(world.services, "open-door/first-news")
        except (Crash, Unavailable):
            world.restart()
        else:
            return
    raise AssertionError("three tries did not help")


def one_signature(world: World) -> None:
    assert world.count() == 1
    assert len(world.unsealed()) == 1
    assert len(world.subscriptions()) == 1


def no_signature(world: World) -> None:
    assert world.count() == 0
    assert world.unsealed() == []


def no_more_mails(world: World) -> None:
    assert len(world.mails("hanna@example.org")) == 1
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def one_alert_each(world: World) -> None:
    for address in SUBSCRIBERS:
        alerts = [mail for mail in world.mails(address) if "List-Unsubscribe" in mail.headers]
        assert len(alerts) == 1, f"{len(alerts)} alerts"


JOURNEYS: dict[str, tuple[Journey, Callable[[World], None]]] = {
    "signing": (signing_journey, one_signature),
    "withdrawing": (withdrawing_journey, no_signature),
    "blocking": (blocking_journey, no_more_mails),
    "alerting": (alerting_journey, one_alert_each),
    "digest": (digest_journey, one_alert_each),
}


# To die before a call is to die after the one before it.
@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.KILLED_BEFORE])
@pytest.mark.parametrize("name", JOURNEYS)
def test_a_fault_at_any_call_loses_nothing_and_doubles_nothing(
    name: str, fault: Fault, world: World
) -> None:
    journey, check = JOURNEYS[name]
    not_ours = frozenset({id(world.sqs)})
    calm = Calls(not_ours=not_ours)
    journey(world, calm)
    check(world)

    for place in worth_breaking(calm.made):
        world.wipe()
        world.publish()
        journey(world, Calls(at=place, fault=fault, not_ours=not_ours))
        with explained(f"{fault.value} at call {place}, {calm.made[place]}"):
            check(world)
