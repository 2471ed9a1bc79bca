"""Steps of the tests of alerts."""

from typing import Any

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import preferences
from chalicelib.usecases.alerts import fan_out, starting
from ops.local import moto_internals
from ops.local.outbox import SentMail
from tests import builders
from tests.world import World


def subscribe(
    world: World,
    address: str,
    *,
    slug: str = "open-door",
    frequency: Frequency = Frequency.EACH,
) -> None:
    """Confirm a subscription, without its mails."""
    parsed = email_address.parse(address)
    sealed_records.add_subscription(
        world.services, slug=slug, language="en", address=parsed, requested_at=world.clock.now()
    )
    if frequency is Frequency.EACH:
        return
    index = blind_indexes.subscriber_index(world.services, slug, parsed)
    assert preferences.save(
        world.services.subscribers,
        world.services.petitions,
        slug,
        index,
        language="en",
        frequency=frequency,
    )


def subscribe_many(world: World, count: int) -> list[str]:
    """Confirm subscriptions; their addresses."""
    addresses = [f"s{number:04}@example.org" for number in range(count)]
    for address in addresses:
        subscribe(world, address)
    return addresses


def begin(world: World, **changes: Any) -> str:
    """Publish an update and start its alert; the id of the alert. Its fan-out waits nowhere."""
    update = world.publish_update(builders.update(**changes))
    alert_id = starting.start_update(world.services, update.id)
    assert alert_id
    lose_jobs(world)
    return alert_id


def start(world: World, **changes: Any) -> str:
    """Publish an update, start its alert and fan it out; the id of the alert."""
    alert_id = begin(world, **changes)
    fan_out.fan_out(world.services, alert_id)
    return alert_id


def lose_jobs(world: World) -> None:
    """Lose every message of the queue of jobs."""
    messages_of_jobs().clear()


def waiting_jobs(world: World) -> list[Any]:
    """The messages of the queue of jobs."""
    return list(messages_of_jobs())


def messages_of_jobs() -> list[Any]:
    """moto's own list of the messages of the queue of jobs."""
    return moto_internals.messages_of(moto_internals.queues()["zaklik-jobs"])


def run_minutes(world: World, count: int) -> None:
    """Let minutes pass: in each, recovery runs and then every message is delivered."""
    for _ in range(count):
        world.clock.advance(minutes=1)
        world.run_every_minute()
        world.make_messages_visible()
        world.deliver_all()


def news(world: World, to: str | None = None) -> list[SentMail]:
    """The mails of alerts, without probes."""
    return [mail for mail in world.mails(to) if "List-Unsubscribe" in mail.headers]
