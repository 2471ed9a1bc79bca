"""Every AWS call of every journey goes wrong in every way; nothing is lost, nothing doubled.

Each journey is run once to learn its calls. Then it is run again for each call and each fault, from
the step that makes the call: whoever is affected does what people and AWS do, that is try again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from chalicelib.domain import email_address
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import subscribers
from chalicelib.usecases.alerts import fan_out
from tests.faults import AwsCalls, Crash, Fault, first_of_each_run, recorded
from tests.world import World

Step = Callable[[World], None]

ADDRESS = {"email": "hanna@example.org"}
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
            world.deliver_all()
            world.run_every_minute()
        except (Crash, Exception):  # noqa: BLE001 - Lambda retries whatever went wrong
            world.restart()
        else:
            if world.is_idle():
                return
        world.clock.advance(minutes=3)
        world.make_messages_visible()
    raise AssertionError("it does not come to rest")


def answered(ask: Callable[[World], int]) -> Step:
    """The step in which a person asks for this until it goes well."""
    return lambda world: until_answered(world, lambda: ask(world))


def pressed(**fields: str) -> Step:
    """The step in which a person presses the button of the page that the last mail leads to."""
    return answered(lambda world: world.post(world.link(), fields).status_code)


def has_signed(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.clock.advance(minutes=1)


def a_day_later(world: World) -> None:
    world.clock.advance(days=1)
    until_settled(world)


def waits_for_news(frequency: Frequency) -> Step:
    def prepare(world: World) -> None:
        subscribe(world, frequency)
        world.publish_update()

    return prepare


def subscribe(world: World, frequency: Frequency) -> None:
    for address in map(email_address.parse, SUBSCRIBERS):
        sealed_records.add_subscription(
            world.services,
            slug="open-door",
            language="en",
            address=address,
            requested_at=world.clock.now(),
        )
        subscribers.save_preferences(
            world.services.subscribers,
            "open-door",
            blind_indexes.subscriber_index(world.services, "open-door", address),
            language="en",
            frequency=frequency,
        )


def until_started(world: World) -> None:
    """An organiser types the command until it says that the alert is on its way, or was."""
    for _ in range(3):
        try:
            fan_out.start_alert(world.services, "open-door/first-news")
        except (Crash, Unavailable):
            world.restart()
        else:
            return
    raise AssertionError("three tries did not help")


def first_way_out(world: World) -> str:
    """The link in the mail that confirmed the signature, after which nothing is mailed any more."""
    return world.link_to("block", world.mails()[0])


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


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What has happened before, the steps whose calls go wrong, and how it must end."""

    before: Step = lambda world: None
    steps: Sequence[Step]
    check: Callable[[World], None]


JOURNEYS = {
    "signing": Journey(
        steps=(
            answered(lambda world: world.sign(alerts="yes").status_code),
            until_settled,
            pressed(),
            until_settled,
        ),
        check=one_signature,
    ),
    "withdrawing": Journey(
        before=has_signed,
        steps=(
            answered(lambda world: world.post("/en/open-door/manage", ADDRESS).status_code),
            until_settled,
            pressed(do="withdraw", news="stop"),
            until_settled,
        ),
        check=no_signature,
    ),
    "blocking": Journey(
        before=has_signed,
        steps=(
            answered(lambda world: world.post(first_way_out(world), {}).status_code),
            answered(lambda world: world.sign().status_code),
            until_settled,
        ),
        check=no_more_mails,
    ),
    "alerting": Journey(
        before=waits_for_news(Frequency.EACH),
        steps=(until_started, until_settled),
        check=one_alert_each,
    ),
    "digest": Journey(
        before=waits_for_news(Frequency.WEEKLY),
        steps=(until_started, until_settled, a_day_later),
        check=one_alert_each,
    ),
}


# To die before a call is to die after the one before it.
@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.KILLED_BEFORE])
@pytest.mark.parametrize("name", JOURNEYS)
def test_a_fault_at_any_call_loses_nothing_and_doubles_nothing(
    name: str, fault: Fault, world: World
) -> None:
    journey = JOURNEYS[name]
    not_ours = frozenset({id(world.sqs)})
    calm = AwsCalls(not_ours=not_ours)
    begun: list[tuple[int, Callable[[], None]]] = []
    journey.before(world)
    for step in journey.steps:
        begun.append((len(calm.made), world.snapshot()))
        world.restart()
        with recorded(calm):
            step(world)
    journey.check(world)

    for place in first_of_each_run(calm.made):
        number = max(at for at, (first, _) in enumerate(begun) if first <= place)
        first, bring_back = begun[number]
        bring_back()
        broken = AwsCalls(at=place - first, fault=fault, not_ours=not_ours)
        for step in journey.steps[number:]:
            world.restart()
            with recorded(broken):
                step(world)
        with explained(f"{fault.value} at call {place}, {calm.made[place]}"):
            assert broken.at == -1, "no call went wrong"
            journey.check(world)
