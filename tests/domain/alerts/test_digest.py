"""Digests: when they are due, their names, and the updates that are underway."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.digest import PendingDigests, Sending, Waiting
from chalicelib.domain.subscriber import Frequency

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAILY, WEEKLY = Frequency.DAILY, Frequency.WEEKLY


def pending(since: datetime) -> PendingDigests:
    waiting = Waiting(names=("first-news",), since=since)
    return PendingDigests(slug="open-door", waiting={DAILY: waiting, WEEKLY: waiting})


def test_a_digest_is_due_once_its_moment_has_come() -> None:
    since_sunday = pending(MONDAY - SECOND)

    assert since_sunday.due(MONDAY - SECOND) == []
    assert since_sunday.due(MONDAY) == [DAILY, WEEKLY]
    assert since_sunday.due(MONDAY + timedelta(weeks=3)) == [DAILY, WEEKLY]


def test_an_update_that_came_after_nine_waits_for_the_next_digest() -> None:
    since_monday = pending(MONDAY + SECOND)

    assert since_monday.due(MONDAY + timedelta(hours=23)) == []
    assert since_monday.due(MONDAY + timedelta(days=1)) == [DAILY]
    assert since_monday.due(MONDAY + timedelta(weeks=1)) == [DAILY, WEEKLY]


def test_without_an_update_no_digest_is_due() -> None:
    assert PendingDigests(slug="open-door").due(MONDAY) == []


def test_a_digest_has_the_name_of_the_day_on_which_it_was_due() -> None:
    late = MONDAY + timedelta(days=24)

    assert pending(MONDAY).digest_name(WEEKLY, MONDAY) == "week-2026-03-09"
    assert pending(MONDAY).digest_name(WEEKLY, late) == "week-2026-03-30"
    assert pending(MONDAY).digest_name(DAILY, late) == "day-2026-04-02"
    assert digest.day_of("week-2026-03-09") == digest.day_of("day-2026-03-09") == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("name", "frequency"),
    [
        ("week-2026-03-09", WEEKLY),
        ("day-2026-03-09", DAILY),
        ("week-2026-03-09-in-minsk", Frequency.EACH),
        ("day-of-freedom", Frequency.EACH),
        ("first-news", Frequency.EACH),
    ],
)
def test_a_digest_is_known_by_its_name(name: str, frequency: Frequency) -> None:
    assert digest.frequency_of(name) is frequency
    assert digest.is_name(name) is (frequency is not Frequency.EACH)


@pytest.mark.parametrize("name", ["first-news", "day-of-freedom", "week-2026-02-31"])
def test_text_that_is_no_name_of_a_digest_has_no_day(name: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|day is out of range"):
        digest.day_of(name)


def test_what_waits_or_is_sent_is_underway() -> None:
    sending = Sending(update_name="older-news", name="week-2026-03-02")
    both = PendingDigests(
        slug="open-door",
        waiting={DAILY: Waiting(names=("first-news",), since=MONDAY)},
        sendings=frozenset({sending}),
    )

    assert both.underway == {"first-news", "older-news"}
