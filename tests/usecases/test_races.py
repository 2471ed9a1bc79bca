"""Many at once: one address, one signature, counted once.

The engine of the local run answers one request at a time over loopback, as DynamoDB does for one
item; twenty threads of ours ask it at once.
"""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import email_address, fraud_signals
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes
from chalicelib.protection import rate_limits
from chalicelib.store import signatures, subscribers, tallies
from chalicelib.store.alerts import alerts
from chalicelib.store.limits import mail_claims
from chalicelib.store.limits.mail_claims import Claim
from chalicelib.usecases.alerts import fan_out, sending
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.signatures import signing
from tests import builders
from tests.usecases.integrity.test_tallying import changes
from tests.world import World

AT_ONCE = 20


@pytest.fixture
def world(threaded_world: World) -> World:
    return threaded_world


def all_at_once(action: Callable[[], Any]) -> list[Any]:
    """Run an action in twenty threads that start together; what each of them came to."""
    start = Barrier(AT_ONCE)

    def run() -> Any:
        start.wait()
        return action()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(AT_ONCE)]]


def test_twenty_confirmations_at_once_are_one_signature_counted_once(world: World) -> None:
    claims = {
        "slug": "open-door",
        "language": "en",
        "name": "Hanna",
        "email": "hanna@example.org",
        "country": "",
        "alerts": True,
        "signals": fraud_signals.to_marks([]),
    }
    token = tokens.issue(
        world.services.secrets.token_keys, Purpose.CONFIRM_SIGNATURE, claims, builders.NOW
    )

    all_at_once(lambda: signing.confirm(world.services, token))
    world.deliver_all()

    assert len(world.unsealed()) == 1
    assert len(world.subscriptions()) == 1
    assert world.count() == 1


def test_twenty_posts_of_one_address_at_once_are_one_signature_counted_once(
    world: World,
) -> None:
    all_at_once(
        lambda: signing.request_signature(
            world.services,
            slug="open-door",
            language="en",
            fields=builders.sign_form(),
            network="192.0.2.0/24",
        )
    )
    world.deliver_all()
    mails = world.mails()
    for mail in mails:
        world.post(world.link(mail), {})
    world.deliver_all()

    assert len(mails) == world.services.settings.mails_per_address
    assert len(world.unsealed()) == 1
    assert world.count() == 1


def test_forms_that_twenty_count_at_once_are_written_once(world: World) -> None:
    for _ in range(9):
        rate_limits.count_admitted_post(world.services)

    all_at_once(lambda: rate_limits.count_admitted_post(world.services))

    # Written in tens; the last nine wait for one more.
    assert rate_limits.busiest_minute(world.services) == AT_ONCE


def test_one_batch_counted_by_twenty_at_once_counts_once(world: World) -> None:
    batch = changes(1, 2, 3)

    all_at_once(lambda: tallying.count_changes(world.services, "shard", batch))

    assert tallies.get(world.services.petitions, "open-door").count == 3


def test_one_mail_claimed_by_twenty_at_once_is_taken_once(world: World) -> None:
    claims = all_at_once(
        lambda: mail_claims.claim_mail(
            world.services.petitions,
            "a" * 32,
            "job",
            day=builders.NOW.date(),
            cap=6,
            now=builders.NOW,
        )
    )

    assert claims.count(Claim.TAKEN) == 1
    assert claims.count(Claim.RUNNING) == AT_ONCE - 1


def test_twenty_ticks_at_once_make_one_digest_with_everything(world: World) -> None:
    world.sign_and_confirm(email="weekly@example.org", alerts="yes")
    index = blind_indexes.subscriber_index(
        world.services, "open-door", email_address.parse("weekly@example.org")
    )
    subscribers.save_preferences(
        world.services.subscribers, "open-door", index, language="en", frequency=Frequency.WEEKLY
    )
    already = len(world.mails())
    for name in ("first-news", "second-news"):
        fan_out.start_alert(world.services, world.publish_update(builders.update(name=name)).id)
    world.deliver_all()
    world.clock.advance(days=1)

    all_at_once(lambda: fan_out.every_minute(world.services))
    world.deliver_all()

    [digest] = world.mails()[already:]
    assert "first-news" in digest.text
    assert "second-news" in digest.text


def test_twenty_updates_begun_at_once_all_wait_for_the_digest(world: World) -> None:
    names = iter(f"news-{number}" for number in range(AT_ONCE))
    ids = [world.publish_update(builders.update(name=name)).id for name in names]
    left = iter(ids)

    started = all_at_once(lambda: _started(world, next(left)))

    [waiting] = alerts.list_pending_digests(world.services.petitions)
    assert all(started)
    assert sorted(waiting.update_names) == sorted(each.partition("/")[2] for each in ids)


def _started(world: World, update_id: str) -> bool:
    """An organiser who is told to try again does so."""
    while True:
        try:
            return fan_out.start_alert(world.services, update_id)
        except Unavailable:
            continue


def test_one_chunk_worked_on_by_twenty_at_once_is_sent_once(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org", alerts="yes")
    world.publish_update()
    already = len(world.mails())
    fan_out.start_alert(world.services, "open-door/first-news")
    fan_out.fan_out(world.services, "open-door/first-news")

    all_at_once(lambda: sending.send_chunk(world.services, "open-door/first-news", 0))
    world.deliver_all()

    assert len(world.mails()) - already == 3


def test_who_withdraws_while_it_is_released_and_held_stays_withdrawn(world: World) -> None:
    world.sign_and_confirm(website="https://buy.example")
    table, index = world.services.signatures, world.signatures()[0]["sk"]
    (seen,) = signatures.summaries_in(table, "open-door", index[:2])
    deeds: Iterator[Callable[[], bool]] = itertools.cycle(
        [
            lambda: signatures.mark_released(table, seen),
            lambda: signatures.mark_withdrawn(
                table, "open-door", index, now=builders.NOW, link_lifetime=timedelta(days=7)
            ),
            lambda: signatures.mark_held(
                table, replace(seen, state=SignatureState.CONFIRMED), why="burst"
            ),
        ]
    )

    def do_the_next() -> bool:
        return next(deeds)()

    all_at_once(do_the_next)
    world.deliver_all()

    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
    assert world.unsealed() == []
    assert world.count() == 0
