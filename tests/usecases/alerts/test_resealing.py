"""After a change of the mailer's key the addresses of subscribers are sealed anew."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.crypto import sealing, unsealing
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.subscriber import Confirmed, Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import keys, preferences, subscribers
from chalicelib.store.organisers import accounts
from chalicelib.usecases.alerts import resealing, starting
from ops.secrets import rotation
from ops.secrets.cryptoperiods import subscribers_by_key
from tests import builders, desk_accounts
from tests.faults import AwsCalls, Crash, Fault, first_of_each_run, intercepted, recorded
from tests.fresh_secrets import with_fresh_secrets
from tests.world import World

SLUG = builders.SLUG
READERS = [email_address.parse(f"reader{number}@example.org") for number in range(9)]


@pytest.fixture(autouse=True)
def new_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine subscribers of three shards, sealed to a key that is not the current one any more."""
    with_fresh_secrets(world)
    monkeypatch.setattr(resealing, "_SUBSCRIBERS_PER_JOB", 2)
    # All of them in few partitions: a run over sixteen takes moto long.
    monkeypatch.setattr(keys, "SHARDS", ("0", "1", "2"))
    monkeypatch.setattr(
        keys, "subscriber", lambda slug, index: keys._key(shard_of(slug, index), index)
    )
    for reader in READERS:
        subscribe(world, reader)
    rotation.rotate(world.services, "mailer")
    world.clock.advance(minutes=40)


def shard_of(slug: str, index: str) -> str:
    return keys.shard(slug, keys.SHARDS[int(index[2], 16) % len(keys.SHARDS)])


def subscribe(world: World, address: EmailAddress) -> None:
    confirmed = sealed_records.add_subscription(
        world.services,
        slug=SLUG,
        language="en",
        address=address,
        requested_at=world.clock.now(),
    )
    assert confirmed is not Confirmed.ENDED


def index(world: World, address: EmailAddress) -> str:
    return blind_indexes.subscriber_index(world.services, SLUG, address)


def items(world: World) -> dict[str, dict[str, Any]]:
    return {item["sk"]: item for item in world.subscriptions()}


def addresses(world: World) -> Counter[str]:
    """Every stored address, opened with the keys of the mailer."""
    return Counter(
        unsealing.unseal(
            item["sealed_address"],
            world.services.mailer_keys,
            sealing.info(sealing.SUBSCRIBER, SLUG, item["sk"]),
        )[0]
        for item in world.subscriptions()
        if "sealed_address" in item
    )


def until_idle(world: World) -> None:
    """Deliver all jobs, also those whose worker was killed."""
    for _ in range(20):
        try:
            world.deliver_all()
        except Crash:
            world.restart()
        if world.is_idle():
            return
        world.make_messages_visible()
    raise AssertionError("work is left")


EVERYBODY = Counter(reader.deliverable for reader in READERS)


def test_everybody_is_sealed_to_the_current_key_and_nothing_else_changes(world: World) -> None:
    before = items(world)
    assert subscribers_by_key(world.services) == {1: 9}

    resealing.start(world.services)
    world.deliver_all()

    after = items(world)
    assert subscribers_by_key(world.services) == {2: 9}
    assert addresses(world) == EVERYBODY
    assert before.keys() == after.keys()
    for sk, item in after.items():
        changed = {name for name in item if item[name] != before[sk][name]}
        assert changed == {"sealed_address", "sealed_to"}
        assert item["sealed_to"] == sealing.named_key(item["sealed_address"])


def test_a_second_run_writes_nothing(world: World) -> None:
    resealing.start(world.services)
    world.deliver_all()
    before = items(world)

    resealing.start(world.services)
    with recorded(AwsCalls()) as calls:
        world.deliver_all()

    assert items(world) == before
    assert "dynamodb.UpdateItem" not in calls.made


def test_before_the_new_key_is_used_nothing_changes(world: World) -> None:
    resealing.start(world.services)
    world.deliver_all()
    rotation.rotate(world.services, "mailer")
    world.clock.advance(minutes=29)
    before = items(world)

    resealing.start(world.services)
    world.deliver_all()

    assert items(world) == before


def test_killed_at_any_call_and_delivered_twice_it_is_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One shard of five subscribers, so that there are three pages."""
    for item in world.subscriptions()[5:]:
        world.services.subscribers.delete({"pk": item["pk"], "sk": item["sk"]})
    for item in world.subscriptions():
        world.services.subscribers.delete({"pk": item["pk"], "sk": item["sk"]})
        world.services.subscribers.put(
            {"pk": keys.shard(SLUG, "0"), "sk": item["sk"]}, {**item, "pk": keys.shard(SLUG, "0")}
        )
    monkeypatch.setattr(keys, "SHARDS", ("0",))
    restore, five = world.snapshot(), addresses(world)

    def run() -> None:
        for _ in range(2):
            resealing.start(world.services)
        until_idle(world)

    with recorded(AwsCalls(not_ours=frozenset({id(world.sqs)}))) as calls:
        run()
    for place in first_of_each_run(calls.made):
        for fault in (Fault.THROTTLED, Fault.KILLED_AFTER):
            restore()
            injected = AwsCalls(at=place, fault=fault, not_ours=frozenset({id(world.sqs)}))
            with recorded(injected):
                try:
                    run()
                except (Crash, Exception):  # noqa: BLE001 - the person types the command again
                    world.restart()
                    run()

            assert subscribers_by_key(world.services) == {2: 5}, (calls.made[place], fault)
            assert addresses(world) == five


def at_the_first_write(world: World, action: Callable[[], Any]) -> Any:
    """Run an action of somebody else after the page was read, before its first write."""
    pending = [action]

    def run(**_: Any) -> None:
        if pending:
            pending.pop()()

    client = world.services.subscribers.client
    return intercepted(client, "before-call.dynamodb.UpdateItem", run)


def reseal_all(world: World) -> None:
    resealing.start(world.services)
    world.deliver_all()


def test_all_but_the_seal_stays(world: World) -> None:
    starting.start_update(world.services, world.publish_update().id)
    for reader in READERS:
        assert preferences.save(
            world.services.subscribers,
            world.services.petitions,
            SLUG,
            index(world, reader),
            language="ru",
            frequency=Frequency.WEEKLY,
        )
    before = items(world)

    reseal_all(world)

    after = items(world)
    for sk, item in before.items():
        assert item["ways"] == {"first-news": "each"}
        changed = {name for name in item if item[name] != after[sk][name]}
        assert changed == {"sealed_address", "sealed_to"}


def test_who_leaves_meanwhile_stays_away(world: World) -> None:
    def leave() -> None:
        for reader in READERS:
            assert subscribers.mark_unsubscribed(
                world.services.subscribers,
                SLUG,
                index(world, reader),
                now=world.clock.now(),
                link_lifetime=world.services.settings.link_lifetime,
            )

    with at_the_first_write(world, leave):
        reseal_all(world)

    assert {item["state"] for item in world.subscriptions()} == {"unsubscribed"}
    assert not any("sealed" in name for item in world.subscriptions() for name in item)
    assert subscribers_by_key(world.services) == {}


def test_who_leaves_and_comes_back_meanwhile_keeps_the_new_seal(world: World) -> None:
    seals: list[bytes] = []

    def leave_and_return() -> None:
        for reader in READERS:
            world.services.subscribers.delete(keys.subscriber(SLUG, index(world, reader)))
            subscribe(world, reader)
        seals.extend(item["sealed_address"] for item in world.subscriptions())

    with at_the_first_write(world, leave_and_return):
        reseal_all(world)

    assert sorted(item["sealed_address"] for item in world.subscriptions()) == sorted(seals)
    assert addresses(world) == EVERYBODY


def test_a_seal_that_no_key_opens_does_not_stop_the_others(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    damaged = world.subscriptions()[0]
    seal = damaged["sealed_address"][:-1] + b"\0"
    world.services.subscribers.put(
        {"pk": damaged["pk"], "sk": damaged["sk"]}, {**damaged, "sealed_address": seal}
    )

    reseal_all(world)

    assert subscribers_by_key(world.services) == {1: 1, 2: 8}
    assert items(world)[damaged["sk"]]["sealed_address"] == seal
    events = [line["event"] for line in log_lines if line["level"] == "ERROR"]
    assert events == ["a subscriber of open-door cannot be opened"]


def test_a_seal_to_a_key_that_is_gone_is_counted_apart(world: World) -> None:
    rotation.remove(world.services, "mailer", [1])
    world.clock.advance(minutes=10)

    reseal_all(world)

    assert subscribers_by_key(world.services) == {0: 9}


def test_an_alert_meanwhile_reaches_everybody_once(world: World) -> None:
    world.publish_update()
    starting.start_update(world.services, f"{SLUG}/first-news")
    resealing.start(world.services)
    world.deliver_all()

    assert Counter(mail.to for mail in world.mails()) == EVERYBODY
    assert subscribers_by_key(world.services) == {2: 9}


def test_organisers_are_sealed_anew_as_well(world: World) -> None:
    table = world.services.organisers
    hanna = desk_accounts.add(world, "Hanna")
    old = sealing.seal(
        "hanna@example.org",
        sealing.ORGANISER,
        world.services.secrets.mailer_public_keys.keys[0].raw,
        sealing.info(sealing.ORGANISER, hanna.id),
    )
    accounts.replace_seal(table, hanna.id, old=hanna.sealed_address, new=old)

    resealing.start(world.services)
    world.deliver_all()

    sealed = accounts.get(table, hanna.id).sealed_address
    current = world.services.secrets.mailer_public_keys.current(world.clock.now()).raw
    assert sealing.named_key(sealed) == sealing.key_id(current)
    assert sealed != old
    context = sealing.info(sealing.ORGANISER, hanna.id)
    assert unsealing.unseal(sealed, world.services.mailer_keys, context) == "hanna@example.org"
