"""When a digest is made, what it is called, and whom an alert is for."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.digest import PendingDigest
from chalicelib.domain.subscriber import Frequency

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "made_at"),
    [
        (MONDAY, MONDAY),
        (MONDAY - SECOND, MONDAY - timedelta(weeks=1)),
        (MONDAY + timedelta(days=6, hours=23), MONDAY),
        (datetime(2026, 3, 9, 0, 30, tzinfo=UTC), MONDAY - timedelta(weeks=1)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 29, 9, tzinfo=UTC)),
    ],
)
def test_digests_are_made_on_mondays(now: datetime, made_at: datetime) -> None:
    assert digest.latest(now) == made_at
    assert digest.following(now) == made_at + timedelta(weeks=1)


@pytest.mark.parametrize("hours", [-11, -3, 0, 3, 13])
def test_it_is_the_same_moment_wherever_the_clock_hangs(hours: int) -> None:
    """Summer time moves nobody's digest either: the hour is one of UTC."""
    there = timezone(timedelta(hours=hours))

    assert digest.latest(MONDAY.astimezone(there)) == MONDAY
    assert digest.latest((MONDAY - SECOND).astimezone(there)) == MONDAY - timedelta(weeks=1)
    assert digest.latest(MONDAY.astimezone(there)).tzinfo is UTC


def test_what_waits_is_due_when_a_monday_has_come() -> None:
    waiting = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY - SECOND)

    assert not waiting.is_due(MONDAY - SECOND)
    assert waiting.is_due(MONDAY)
    assert waiting.is_due(MONDAY + timedelta(weeks=3))


def test_what_begins_to_wait_on_a_monday_at_nine_waits_for_the_next() -> None:
    waiting = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY)

    assert not waiting.is_due(MONDAY + timedelta(days=6))
    assert waiting.is_due(MONDAY + timedelta(weeks=1))


def test_a_digest_is_called_by_its_last_monday() -> None:
    waiting = PendingDigest(slug="open-door", update_names=("first-news",), since=MONDAY)

    assert waiting.digest_id(MONDAY) == "open-door/week-2026-03-09"
    assert waiting.digest_id(MONDAY + timedelta(days=24)) == "open-door/week-2026-03-30"


@pytest.mark.parametrize(
    ("name", "frequency"),
    [
        ("week-2026-03-09", Frequency.WEEKLY),
        ("week-2026-03-09-in-minsk", Frequency.EACH),
        ("week-10", Frequency.EACH),
        ("first-news", Frequency.EACH),
    ],
)
def test_the_name_of_an_alert_tells_whom_it_is_for(name: str, frequency: Frequency) -> None:
    assert digest.audience(f"open-door/{name}") is frequency
    assert digest.is_name(name) == (frequency is Frequency.WEEKLY)


def test_what_is_no_alert_is_for_nobody() -> None:
    with pytest.raises(ValueError, match="looks like"):
        digest.audience("week-2026-03-09")
