"""Digests: when they are due, and their names."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.digest import PendingDigest

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        (MONDAY, MONDAY),
        (MONDAY - SECOND, MONDAY - timedelta(weeks=1)),
        (MONDAY + timedelta(days=6, hours=23), MONDAY),
        (datetime(2026, 3, 9, 0, 30, tzinfo=UTC), MONDAY - timedelta(weeks=1)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 29, 9, tzinfo=UTC)),
    ],
)
def test_digests_are_due_on_mondays(now: datetime, due_at: datetime) -> None:
    assert digest.latest(now) == due_at
    assert digest.following(now) == due_at + timedelta(weeks=1)


@pytest.mark.parametrize("hours", [-11, -3, 0, 3, 13])
def test_digests_are_due_at_the_same_moment_in_every_time_zone(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))

    assert digest.latest(MONDAY.astimezone(zone)) == MONDAY
    assert digest.latest((MONDAY - SECOND).astimezone(zone)) == MONDAY - timedelta(weeks=1)
    assert digest.latest(MONDAY.astimezone(zone)).tzinfo is UTC


def test_a_digest_is_due_once_a_monday_has_come() -> None:
    pending = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY - SECOND)

    assert not pending.is_due(MONDAY - SECOND)
    assert pending.is_due(MONDAY)
    assert pending.is_due(MONDAY + timedelta(weeks=3))


def test_an_update_sent_on_monday_at_nine_waits_for_the_next_digest() -> None:
    pending = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY)

    assert not pending.is_due(MONDAY + timedelta(days=6))
    assert pending.is_due(MONDAY + timedelta(weeks=1))


def test_the_name_of_a_digest_is_its_last_monday() -> None:
    pending = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY)

    assert pending.digest_name(MONDAY) == "week-2026-03-09"
    assert pending.digest_name(MONDAY + timedelta(days=24)) == "week-2026-03-30"
    assert digest.due_at("week-2026-03-09") == MONDAY


@pytest.mark.parametrize(
    ("name", "is_digest"),
    [
        ("week-2026-03-09", True),
        ("week-2026-03-09-in-minsk", False),
        ("week-10", False),
        ("first-news", False),
    ],
)
def test_a_digest_is_known_by_its_name(name: str, is_digest: bool) -> None:
    assert digest.is_name(name) is is_digest


def test_text_that_is_no_name_of_a_digest_is_never_due() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        digest.due_at("first-news")
