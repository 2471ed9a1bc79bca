"""Race conditions: twenty threads do the same at once, and it happens once.

The local AWS server answers one request at a time, as DynamoDB does for one item.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib.crypto import attestation, tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import fraud_signals
from chalicelib.domain.alerts.pacing import Lane, SendingStopped
from chalicelib.domain.errors import EndedMeanwhile, Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.signature_filter import SignatureSummary
from chalicelib.domain.subscriber import Frequency
from chalicelib.mail.ses_faults import AccountFault
from chalicelib.people import blind_indexes, links
from chalicelib.protection import rate_limits, sending_rate
from chalicelib.store import preferences
from chalicelib.store.alerts import digests, pacing
from chalicelib.store.integrity import tallies
from chalicelib.store.limits import mail_claims
from chalicelib.store.limits.mail_claims import Claim, QueuedMail
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.usecases.alerts import approving, fan_out, scheduling, sending, starting
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.signatures import confirming, self_service, signing
from chalicelib.usecases.subscriptions import subscribing
from tests import builders
from tests.usecases.alerts.alerting import subscribe
from tests.usecases.integrity.test_tallying import changes
from tests.world import World

AT_ONCE = 20
UPDATE_ID = "open-door/first-news"
NETWORK = "192.0.2.0/24"


@pytest.fixture
def world(threaded_world: World) -> World:
    return threaded_world


def all_at_once(action: Callable[[], Any]) -> list[Any]:
    """Run an action in twenty threads that start together; returns their results."""
    start = Barrier(AT_ONCE)

    def run() -> Any:
        start.wait()
        return action()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(AT_ONCE)]]


def test_concurrent_confirmations_are_one_signature_counted_once(world: World) -> None:
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

    all_at_once(lambda: confirming.confirm(world.services, token, {}, network=NETWORK))
    world.deliver_all()

    assert len(world.unsealed()) == 1
    assert len(world.subscriptions()) == 1
    assert world.count() == 1
    assert [mail.subject for mail in world.mails()] == ["Your news is set up"]


def test_concurrent_posts_of_one_address_are_one_signature_counted_once(
    world: World,
) -> None:
    all_at_once(
        lambda: signing.request_signature(
            world.services,
            slug="open-door",
            language="en",
            fields=builders.sign_form(),
            network=NETWORK,
        )
    )
    world.deliver_all()
    mails = world.mails()
    for mail in mails:
        world.post(world.link(mail), {})
    world.deliver_all()

    assert len(mails) == world.services.settings.mails_per_network
    assert len(world.unsealed()) == 1
    assert world.count() == 1


def test_concurrent_post_counts_are_written_once(world: World) -> None:
    for _ in range(9):
        rate_limits.count_admitted_post(world.services)

    all_at_once(lambda: rate_limits.count_admitted_post(world.services))

    # Counts are written in tens; nine wait for the tenth.
    assert rate_limits.busiest_minute(world.services) == AT_ONCE


def test_a_batch_that_is_counted_concurrently_counts_once(world: World) -> None:
    batch = changes(1, 2, 3)

    all_at_once(lambda: tallying.count_changes(world.services, "shard", batch))

    assert tallies.get(world.services.petitions, "open-door").count == 3


def test_a_mail_that_is_claimed_concurrently_is_taken_once(world: World) -> None:
    mail = QueuedMail(
        job_id="job",
        day=builders.NOW.date(),
        address_hash="a" * 32,
        kind="news",
        asker="b" * 32,
    )
    claims = all_at_once(
        lambda: mail_claims.claim_mail(
            world.services.petitions,
            mail,
            cap=6,
            network_cap=6,
            now=builders.NOW,
        )
    )

    assert claims.count(Claim.TAKEN) == 1
    assert claims.count(Claim.RUNNING) == AT_ONCE - 1


def test_slots_that_are_taken_concurrently_follow_each_other(world: World) -> None:
    world.grant_mails(rate=100)

    slots = sorted(all_at_once(lambda: sending_rate.reserve(world.services, Lane.ALERT, 8)))

    gaps = {(later - slot).total_seconds() for slot, later in itertools.pairwise(slots)}
    assert gaps == {0.1}


def test_a_stop_that_is_found_concurrently_begins_once(world: World) -> None:
    all_at_once(lambda: sending_rate.stopped(world.services, AccountFault("ACCOUNT_SUSPENDED")))

    stop = pacing.find(world.services.petitions).stop
    assert stop
    assert stop.trials == 0


def test_a_stop_is_tried_by_one_of_many(world: World) -> None:
    sending_rate.stopped(world.services, AccountFault("ACCOUNT_SUSPENDED"))
    world.clock.advance(minutes=1)

    def attempt() -> bool:
        try:
            sending_rate.reserve(world.services, Lane.SINGLE, 1)
        except SendingStopped:
            return False
        return True

    assert all_at_once(attempt).count(True) == 1


def test_concurrent_ticks_make_one_digest_with_all_updates(world: World) -> None:
    world.sign_and_confirm(email="weekly@example.org", alerts="yes")
    index = blind_indexes.subscriber_index(
        world.services, "open-door", email_address.parse("weekly@example.org")
    )
    preferences.save(
        world.services.subscribers,
        world.services.petitions,
        "open-door",
        index,
        language="en",
        frequency=Frequency.WEEKLY,
    )
    mails_before = len(world.mails())
    for name in ("first-news", "second-news"):
        starting.start_update(world.services, world.publish_update(builders.update(name=name)).id)
    world.deliver_all()
    world.clock.advance(days=1)

    all_at_once(lambda: scheduling.every_minute(world.services))
    world.deliver_all()

    [digest] = world.mails()[mails_before:]
    assert "first-news" in digest.text
    assert "second-news" in digest.text


def test_alerts_that_start_concurrently_all_wait_for_the_digest(world: World) -> None:
    names = iter(f"news-{number}" for number in range(AT_ONCE))
    ids = [world.publish_update(builders.update(name=name)).id for name in names]
    remaining = iter(ids)

    started = all_at_once(lambda: _start_alert(world, next(remaining)))

    [waiting] = digests.list_pending(world.services.petitions)
    assert all(started)
    waiting_names = waiting.updates_for(Frequency.WEEKLY).names
    assert sorted(waiting_names) == sorted(update_id.partition("/")[2] for update_id in ids)


def _start_alert(world: World, update_id: str) -> str | None:
    """Start an alert, and try again while it is unavailable."""
    while True:
        try:
            return starting.start_update(world.services, update_id)
        except Unavailable:
            continue


def test_changes_of_the_frequency_as_an_alert_starts_neither_repeat_nor_lose_it(
    world: World,
) -> None:
    world.sign_and_confirm(email="hanna@example.org", alerts="yes")
    index = world.subscriptions()[0]["sk"]
    world.publish_update()
    mails_before = len(world.mails())
    started: list[str | None] = []
    choices = itertools.cycle(Frequency)

    def change() -> None:
        with contextlib.suppress(Unavailable):
            preferences.save(
                world.services.subscribers,
                world.services.petitions,
                "open-door",
                index,
                language="en",
                frequency=next(choices),
            )

    actions = iter([change] * 10 + [lambda: started.append(_start_alert(world, UPDATE_ID))] * 10)

    def act() -> None:
        next(actions)()

    all_at_once(act)
    for _ in range(2):
        world.deliver_all()
        world.clock.advance(days=1)
        world.run_every_minute()
    world.deliver_all()

    assert len([alert_id for alert_id in started if alert_id]) == 1
    assert len(world.mails()) - mails_before == 1


def test_a_chunk_that_is_sent_concurrently_is_sent_once(world: World) -> None:
    for number in range(3):
        world.sign_and_confirm(email=f"s{number}@example.org", alerts="yes")
    world.publish_update()
    mails_before = len(world.mails())
    alert_id = starting.start_update(world.services, "open-door/first-news")
    assert alert_id
    fan_out.fan_out(world.services, alert_id)

    all_at_once(lambda: sending.send_chunk(world.services, builders.chunk_job(alert_id)))
    world.deliver_all()

    assert len(world.mails()) - mails_before == 3


def test_concurrent_corrections_leave_one_of_them_whole(world: World) -> None:
    world.sign_and_confirm()
    token = world.ask_for_own_page().rpartition("/")[2]
    names = iter([f"Hanna {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"])
    countries = itertools.cycle(["PL", "LT", ""])

    def correct() -> None:
        fields = {"do": "correct", "name": next(names), "country": next(countries)}
        self_service.act(world.services, token, fields, language="en", network=NETWORK)

    all_at_once(correct)
    world.deliver_all()

    [record], [item] = world.unsealed(), world.signatures()
    # Unsealing verifies the attestation, which must be that of this seal.
    statement = attestation.signature_statement(
        "open-door", item["sk"], item["sealed"], builders.NOW.date()
    )
    public = attestation.public_key(world.services.secrets.attestation_keys.keys[0].raw)
    assert attestation.is_attested(statement, item["attestation"], [public])
    assert record["country"] == item.get("country", "")
    assert tallies.get(world.services.petitions, "open-door").countries == {record["country"]: 1}


def test_a_signature_withdrawn_during_corrections_stays_withdrawn(world: World) -> None:
    world.sign_and_confirm()
    token = world.ask_for_own_page().rpartition("/")[2]
    forms = itertools.cycle(
        [{"do": "correct", "name": "Hanna", "country": "LT"}, {"do": "withdraw"}]
    )

    def act() -> None:
        with suppress(EndedMeanwhile):
            self_service.act(world.services, token, next(forms), language="en", network=NETWORK)

    all_at_once(act)
    world.deliver_all()

    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
    assert world.unsealed() == []
    assert world.count() == 0


def test_news_confirmed_in_two_languages_at_once_is_one_subscription(world: World) -> None:
    address = email_address.parse("hanna@example.org")
    tokens_of_languages = itertools.cycle(
        [
            links.alerts_link(world.services, "open-door", language, address).rpartition("/")[2]
            for language in ("en", "be")
        ]
    )

    all_at_once(
        lambda: subscribing.confirm(world.services, next(tokens_of_languages), network=NETWORK)
    )

    [subscription] = world.subscriptions()
    assert subscription["state"] == "active"
    assert subscription["language"] in ("en", "be")
    world.deliver_all()
    assert len(world.mails()) == 1


def test_a_signature_withdrawn_during_release_and_hold_stays_withdrawn(world: World) -> None:
    world.sign_and_confirm(website="https://buy.example")
    table, index = world.services.signatures, world.signatures()[0]["sk"]
    (summary,) = signatures.summaries_in(table, "open-door", index[2:4])
    assert isinstance(summary, SignatureSummary)
    actions: Iterator[Callable[[], bool]] = itertools.cycle(
        [
            lambda: signature_revisions.mark_released(table, summary),
            lambda: signatures.mark_withdrawn(
                table, "open-door", index, now=builders.NOW, link_lifetime=timedelta(days=7)
            ),
            lambda: signature_revisions.mark_held(table, replace(summary, revision=1), why="burst"),
        ]
    )

    def do_next_action() -> bool:
        return next(actions)()

    all_at_once(do_next_action)
    world.deliver_all()

    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
    assert world.unsealed() == []
    assert world.count() == 0


def test_two_senders_at_once_send_an_approved_update_once(world: World) -> None:
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    subscribe(world, "reader@example.org")
    world.publish_update()
    first, second = (Actor(id=digit * 16, name="Hanna") for digit in "12")
    approving.ask(world.services, UPDATE_ID, by=first)
    digest = approving.show(world.services, UPDATE_ID).digest

    def approve_and_send() -> str | None:
        approving.approve(world.services, UPDATE_ID, digest, by=second)
        return starting.start_update(world.services, UPDATE_ID)

    started = all_at_once(approve_and_send)
    world.deliver_all()

    assert len(list(filter(None, started))) == 1
    assert [mail.to for mail in world.mails()] == ["reader@example.org"]
