"""Signatures and subscriptions: each is added and ended by one conditional write."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib.crypto import sealing
from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.domain.person import PersonIndexes, PersonRecord
from chalicelib.domain.signature import SealedSignature
from chalicelib.domain.subscriber import Confirmed, Frequency, NewsChoice, Subscriber
from chalicelib.store import keys, people, preferences, subscribers
from chalicelib.store.signatures import signatures
from chalicelib.wiring import Services
from tests.builders import NOW

SLUG = "open-door"
INDEX = "013f" + "0" * 30
OTHER = "013f" + "1" * 30
LINK_LIFETIME = timedelta(days=7)
SIGNATURE = SealedSignature(
    slug=SLUG,
    index=INDEX,
    sealed=b"\xff" * sealing.SIGNATURE.sealed_bytes,
    attestation=b"\xfe" * ATTESTATION_BYTES,
    country="PL",
    confirmed_on=NOW.date(),
)
SUBSCRIBER = Subscriber(
    slug=SLUG, index=INDEX, sealed_address=b"\0sealed\xff", language="be", subscribed_on=NOW.date()
)


def _record(services: Services) -> PersonRecord:
    indexes = PersonIndexes(slug=SLUG, signature=INDEX, subscriber=INDEX)
    return people.find(services.signatures, services.subscribers, indexes, now=NOW)


def test_a_signature_is_stored_once_and_comes_back_unchanged(services: Services) -> None:
    table = services.signatures

    added = [signatures.add(table, SIGNATURE, requested_at=NOW) for _ in range(2)]

    assert added == [True, False]
    assert _record(services).signed
    assert list(signatures.sealed_in(table, SLUG, "3f")) == [SIGNATURE]
    assert signatures.count_in(table, SLUG, "3f").confirmed == {"PL": 1}
    assert signatures.count_in(table, SLUG, "40").confirmed == {}


def test_a_withdrawn_signature_is_not_restored_by_an_older_request(
    services: Services,
) -> None:
    table = services.signatures
    signatures.add(table, SIGNATURE, requested_at=NOW)

    withdrawn = [
        signatures.mark_withdrawn(table, SLUG, INDEX, now=NOW, link_lifetime=LINK_LIFETIME)
        for _ in range(2)
    ]

    assert withdrawn == [True, False]
    assert not signatures.add(table, SIGNATURE, requested_at=NOW - timedelta(days=1))
    assert not _record(services).signed
    assert list(signatures.sealed_in(table, SLUG, "3f")) == []
    assert signatures.add(table, SIGNATURE, requested_at=NOW + timedelta(days=1))


def test_an_ended_subscription_is_not_restored_by_an_older_request(services: Services) -> None:
    table = services.subscribers

    added = preferences.start(table, services.petitions, SUBSCRIBER, requested_at=NOW)
    active = subscribers.active_among(table, SLUG, [INDEX, OTHER])
    ended = [
        subscribers.mark_unsubscribed(table, SLUG, INDEX, now=NOW, link_lifetime=LINK_LIFETIME)
        for _ in range(2)
    ]

    assert added is Confirmed.STARTED
    assert active == {INDEX: SUBSCRIBER}
    assert ended == [True, False]
    assert subscribers.active_among(table, SLUG, [INDEX]) == {}
    assert not _record(services).subscribed
    before, after, again = (
        preferences.start(
            table, services.petitions, SUBSCRIBER, requested_at=NOW + timedelta(days=days)
        )
        for days in (-1, 1, 1)
    )
    assert [before, after, again] == [Confirmed.ENDED, Confirmed.STARTED, Confirmed.STANDS]


def test_subscribers_of_a_shard_come_page_by_page(services: Services) -> None:
    table = services.subscribers
    for index in (INDEX, OTHER):
        subscriber = Subscriber(
            slug=SLUG, index=index, sealed_address=b"s", language="en", subscribed_on=NOW.date()
        )
        subscribers.add(table, subscriber)

    def page(after: str | None, limit: int) -> tuple[Mapping[str, NewsChoice], str | None]:
        return subscribers.page_of_choices(table, SLUG, "3", after=after, limit=limit)

    first, cursor = page(None, 1)
    rest, _ = page(cursor, 50)

    assert (list(first), cursor, list(rest)) == ([INDEX], INDEX, [OTHER])


def test_the_choice_is_stored_and_deleted_with_the_subscription(
    services: Services,
) -> None:
    table = services.subscribers
    weekly = replace(SUBSCRIBER, choice=NewsChoice(frequency=Frequency.WEEKLY))
    subscribers.add(table, weekly)

    active = subscribers.active_among(table, SLUG, [INDEX])
    listed, _ = subscribers.page_of_choices(table, SLUG, "3", after=None, limit=50)
    subscribers.mark_unsubscribed(table, SLUG, INDEX, now=NOW, link_lifetime=LINK_LIFETIME)

    assert active == {INDEX: weekly}
    assert listed == {INDEX: weekly.choice}
    assert "frequency" not in (table.find(keys.subscriber(SLUG, INDEX)) or {})
