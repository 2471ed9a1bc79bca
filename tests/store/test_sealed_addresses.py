"""Seals of subscribers are counted, listed and replaced by the key that they name."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.subscriber import Confirmed, Subscriber
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.store import keys, subscribers, suppressions
from chalicelib.store.dynamodb.table import Table
from chalicelib.wiring import Services
from tests.builders import NOW, SLUG

OWNER = SuppressionReason.OWNER
OLD, NEW = b"\x01\x02\x03\x04", b"\xff\xfe\xfd\xfc"


@pytest.fixture
def table(services: Services) -> Table:
    return services.subscribers


def index(number: int, shard: str = "7") -> str:
    return f"01{shard}{number:031x}"


def seal(key: bytes, text: bytes = b"sealed") -> bytes:
    """What begins like a seal to a key."""
    return b"\x01" + key + text


def add(table: Table, number: int, key: bytes, *, shard: str = "7", slug: str = SLUG) -> None:
    subscriber = Subscriber(
        slug=slug,
        index=index(number, shard),
        sealed_address=seal(key),
        language="en",
        subscribed_on=date(2026, 3, 8),
    )
    assert subscribers.add(table, subscriber) is Confirmed.STARTED


def leave(table: Table, number: int) -> None:
    assert subscribers.mark_unsubscribed(
        table, SLUG, index(number), now=NOW, link_lifetime=timedelta(days=7)
    )


def address(table: Table, number: int) -> bytes | None:
    found = subscribers.active_among(table, SLUG, [index(number)]).get(index(number))
    return found.sealed_address if found else None


def test_subscribers_of_a_petition_are_counted_by_the_key_of_their_seal(table: Table) -> None:
    for number, key in enumerate([OLD, OLD, NEW]):
        add(table, number, key)
    add(table, 3, NEW, shard="0")
    add(table, 4, OLD, slug="other-door")
    leave(table, 1)

    assert subscribers.count_by_key(table, SLUG) == {OLD: 1, NEW: 2}
    assert subscribers.count_by_key(table, "no-door") == {}


def test_those_of_other_keys_are_listed_page_by_page(table: Table) -> None:
    for number in range(7):
        add(table, number, OLD if number % 2 else NEW)
    leave(table, 3)
    listed: list[str] = []
    after: str | None = None

    for _ in range(9):
        page, after = subscribers.page_of_outdated(
            table, SLUG, "7", current_key=NEW, after=after, limit=2
        )
        assert len(page) <= 2
        listed += page
        if after is None:
            break

    assert listed == [index(1), index(5)]


def test_a_seal_is_replaced_with_the_key_that_it_names_and_nothing_else(table: Table) -> None:
    add(table, 1, OLD)
    key = keys.subscriber(SLUG, index(1))
    before = table.find(key, consistent=True)

    assert subscribers.replace_seal(table, SLUG, index(1), old=seal(OLD), new=seal(NEW))

    assert before
    assert table.find(key, consistent=True) == {
        **before,
        "sealed_address": seal(NEW),
        "sealed_to": NEW,
    }


def test_a_seal_that_is_another_by_now_stays(table: Table) -> None:
    add(table, 1, OLD)

    stale = seal(OLD, b"another")

    assert not subscribers.replace_seal(table, SLUG, index(1), old=stale, new=seal(NEW))
    assert address(table, 1) == seal(OLD)


def test_a_subscription_that_has_ended_gets_no_seal(table: Table) -> None:
    add(table, 1, OLD)
    leave(table, 1)

    for number in (1, 2):
        assert not subscribers.replace_seal(
            table, SLUG, index(number), old=seal(OLD), new=seal(NEW)
        )
    item = table.find(keys.subscriber(SLUG, index(1)), consistent=True)
    assert item
    assert not {"sealed_address", "sealed_to"} & item.keys()
    assert table.find(keys.subscriber(SLUG, index(2)), consistent=True) is None


def test_suppressions_are_counted_by_their_root_key(table: Table) -> None:
    for root, shard in ((1, "0"), (1, "f"), (2, "0"), (255, "9")):
        suppressions.add(table, f"{root:02x}{shard}{root:031x}", OWNER, now=NOW)
    add(table, 1, OLD)

    assert suppressions.count_by_root_key(table) == {1: 2, 2: 1, 255: 1}
