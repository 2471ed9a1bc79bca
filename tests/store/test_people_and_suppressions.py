"""What is kept of one person, in one call, and who is never mailed."""

from datetime import timedelta

from chalicelib.domain.person import (
    PersonIndexes,
    PersonRecord,
    SignatureRecord,
    SubscriptionRecord,
)
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.subscriber import Frequency, Subscriber, SubscriberState
from chalicelib.store import people, signatures, subscribers, suppressions
from chalicelib.wiring import Services
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

SLUG = "open-door"
INDEX, OTHER, NEVER = "3f" + "0" * 30, "3b" + "0" * 30, "9a" + "0" * 30
LINKS_LIVE = timedelta(days=7)
FILED = PersonIndexes(slug=SLUG, signature=INDEX, subscriber=OTHER, suppression=NEVER)


def sign(services: Services) -> None:
    signature = SealedSignature(
        slug=SLUG, index=INDEX, sealed=b"s", country="PL", language="be", confirmed_at=NOW
    )
    signatures.add(services.signatures, signature, asked_at=NOW)


def subscribe(services: Services, *, days: int = 0) -> bool:
    subscriber = Subscriber(
        slug=SLUG, index=OTHER, sealed_address=b"s", language="ru", subscribed_at=NOW
    )
    asked_at = NOW + timedelta(days=days)
    return subscribers.add(services.subscribers, subscriber, asked_at=asked_at)


def kept(services: Services, *, days: int = 0) -> PersonRecord:
    now = NOW + timedelta(days=days)
    return people.find(services.signatures, services.subscribers, FILED, now=now)


def test_who_is_not_there_has_nothing(services: Services) -> None:
    assert kept(services) == PersonRecord()


def test_all_that_is_kept_is_found_in_one_call(services: Services) -> None:
    sign(services)
    subscribe(services)
    suppressions.add(services.subscribers, NEVER, now=NOW)

    with recorded(AwsCalls()) as calls:
        found = kept(services)

    assert calls.made == ["dynamodb.BatchGetItem"]
    assert found == PersonRecord(
        signature=SignatureRecord(
            state=SignatureState.CONFIRMED, since=NOW, country="PL", language="be"
        ),
        subscription=SubscriptionRecord(
            state=SubscriberState.ACTIVE, since=NOW, language="ru", frequency=Frequency.EACH
        ),
        blocked=True,
    )


def test_what_was_ended_is_shown_until_it_is_forgotten(services: Services) -> None:
    sign(services)
    subscribe(services)
    signatures.mark_withdrawn(services.signatures, SLUG, INDEX, now=NOW, links_live=LINKS_LIVE)
    subscribers.mark_unsubscribed(services.subscribers, SLUG, OTHER, now=NOW, links_live=LINKS_LIVE)

    found = kept(services, days=8)

    forgotten = NOW + timedelta(days=8)
    assert not found.signed
    assert not found.subscribed
    assert found.signature == SignatureRecord(
        state=SignatureState.WITHDRAWN, since=NOW, erased_on=forgotten
    )
    assert found.subscription == SubscriptionRecord(
        state=SubscriberState.UNSUBSCRIBED, since=NOW, erased_on=forgotten
    )
    # TTL may be late by two days.
    assert kept(services, days=9) == PersonRecord()


def test_news_changes_language_and_frequency_only_while_it_comes(services: Services) -> None:
    def change() -> bool:
        return subscribers.change(
            services.subscribers, SLUG, OTHER, language="en", frequency=Frequency.WEEKLY
        )

    before = change()
    subscribe(services)
    changed = change()
    found = kept(services).subscription

    assert (before, changed) == (False, True)
    assert found
    assert (found.language, found.frequency) == ("en", Frequency.WEEKLY)


def test_who_forestalls_news_ends_what_comes_and_what_was_asked_for(services: Services) -> None:
    table = services.subscribers
    nothing_there = subscribers.unsubscribe_pending(
        table, SLUG, OTHER, now=NOW, links_live=LINKS_LIVE
    )
    asked_before = subscribe(services, days=-1)
    asked_after = subscribe(services, days=1)
    while_active = subscribers.unsubscribe_pending(
        table, SLUG, OTHER, now=NOW, links_live=LINKS_LIVE
    )

    assert (nothing_there, asked_before, asked_after, while_active) == (True, False, True, True)
    assert not kept(services).subscribed
    assert "sealed_address" not in str(table.find({"pk": f"{SLUG}#3", "sk": OTHER}))


def test_a_block_is_set_once_and_taken_away_by_hand(services: Services) -> None:
    set_twice = [suppressions.add(services.subscribers, NEVER, now=NOW) for _ in range(2)]
    blocked = kept(services, days=40_000).blocked

    suppressions.delete(services.subscribers, NEVER)
    suppressions.delete(services.subscribers, NEVER)

    assert set_twice == [True, False]
    assert blocked
    assert not kept(services).blocked
