"""The records of one person."""

from datetime import timedelta

from chalicelib.domain.person import (
    PersonIndexes,
    PersonRecord,
    SignatureRecord,
    SubscriptionRecord,
)
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.subscriber import Confirmed, Frequency, Subscriber, SubscriberState
from chalicelib.domain.suppression import Suppression, SuppressionReason
from chalicelib.store import people, preferences, subscribers, suppressions
from chalicelib.store.signatures import signatures
from chalicelib.wiring import Services
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

SLUG = "open-door"
INDEX, OTHER, NEVER = "013f" + "0" * 30, "013b" + "0" * 30, "019a" + "0" * 30
LINK_LIFETIME = timedelta(days=7)
INDEXES = PersonIndexes(slug=SLUG, signature=INDEX, subscriber=OTHER, suppressions=(NEVER,))


def sign(services: Services) -> None:
    signature = SealedSignature(
        slug=SLUG, index=INDEX, sealed=b"s", attestation=b"a", confirmed_on=NOW.date()
    )
    signatures.add(services.signatures, signature, requested_at=NOW)


def subscribe(services: Services, *, days: int = 0) -> Confirmed:
    subscriber = Subscriber(
        slug=SLUG, index=OTHER, sealed_address=b"s", language="ru", subscribed_on=NOW.date()
    )
    requested_at = NOW + timedelta(days=days)
    return preferences.start(
        services.subscribers, services.petitions, subscriber, requested_at=requested_at
    )


def record(services: Services, *, days: int = 0) -> PersonRecord:
    now = NOW + timedelta(days=days)
    return people.find(services.signatures, services.subscribers, INDEXES, now=now)


def test_an_unknown_person_has_an_empty_record(services: Services) -> None:
    assert record(services) == PersonRecord()


def test_all_records_of_a_person_are_read_in_one_call(services: Services) -> None:
    sign(services)
    subscribe(services)
    suppressions.add(services.subscribers, NEVER, SuppressionReason.OWNER, now=NOW)

    with recorded(AwsCalls()) as calls:
        person = record(services)

    assert calls.made == ["dynamodb.BatchGetItem"]
    assert person == PersonRecord(
        signature=SignatureRecord(state=SignatureState.CONFIRMED, since=NOW.date()),
        subscription=SubscriptionRecord(
            state=SubscriberState.ACTIVE, since=NOW.date(), language="ru", frequency=Frequency.EACH
        ),
        suppression=Suppression(reason=SuppressionReason.OWNER, since=NOW.date()),
    )


def test_tombstones_are_read_until_they_expire(services: Services) -> None:
    sign(services)
    subscribe(services)
    signatures.mark_withdrawn(
        services.signatures, SLUG, INDEX, now=NOW, link_lifetime=LINK_LIFETIME
    )
    subscribers.mark_unsubscribed(
        services.subscribers, SLUG, OTHER, now=NOW, link_lifetime=LINK_LIFETIME
    )

    person = record(services, days=8)

    erased_on = NOW + timedelta(days=8)
    assert not person.signed
    assert not person.subscribed
    assert person.signature == SignatureRecord(
        state=SignatureState.WITHDRAWN, since=NOW.date(), erased_on=erased_on
    )
    assert person.subscription == SubscriptionRecord(
        state=SubscriberState.UNSUBSCRIBED, since=NOW.date(), erased_on=erased_on
    )
    # DynamoDB deletes expired items up to two days late.
    assert record(services, days=9) == PersonRecord()


def test_language_and_frequency_change_only_while_the_subscription_is_active(
    services: Services,
) -> None:
    def change() -> bool:
        return preferences.save(
            services.subscribers,
            services.petitions,
            SLUG,
            OTHER,
            language="en",
            frequency=Frequency.WEEKLY,
        )

    before = change()
    subscribe(services)
    changed = change()
    subscription = record(services).subscription

    assert (before, changed) == (False, True)
    assert subscription
    assert (subscription.language, subscription.frequency) == ("en", Frequency.WEEKLY)


def test_unsubscribing_also_ends_requests_that_are_not_confirmed_yet(services: Services) -> None:
    table = services.subscribers
    subscribers.unsubscribe_pending(table, SLUG, OTHER, now=NOW, link_lifetime=LINK_LIFETIME)
    older_request = subscribe(services, days=-1)
    newer_request = subscribe(services, days=1)
    subscribers.unsubscribe_pending(table, SLUG, OTHER, now=NOW, link_lifetime=LINK_LIFETIME)

    assert (older_request, newer_request) == (Confirmed.ENDED, Confirmed.STARTED)
    assert not record(services).subscribed
    assert "sealed_address" not in str(table.find({"pk": f"{SLUG}#3", "sk": OTHER}))
