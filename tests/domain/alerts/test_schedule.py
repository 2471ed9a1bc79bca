"""Times in named zones, also on the days on which daylight saving begins or ends."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.schedule import BadTime, DigestTimes, ZonedMoment
from chalicelib.domain.subscriber import Frequency

DAILY, WEEKLY = Frequency.DAILY, Frequency.WEEKLY
WARSAW = "Europe/Warsaw"
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Days on which daylight saving begins and ends in Warsaw."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "moment", "zone"),
    [
        ("2026-12-10T09:00 Europe/Minsk", "2026-12-10T06:00", "Europe/Minsk"),
        ("2026-12-10 09:00 Europe/Minsk", "2026-12-10T06:00", "Europe/Minsk"),
        (" 2026-07-10T09:00:30 Europe/Warsaw ", "2026-07-10T07:00:30", WARSAW),
        ("2026-12-10T09:00 America/Argentina/Buenos_Aires", "2026-12-10T12:00", None),
        ("2026-12-10T09:00 UTC", "2026-12-10T09:00", "UTC"),
        ("2026-12-10T09:00Z", "2026-12-10T09:00", "UTC"),
        ("2026-12-10T09:00+03:00", "2026-12-10T06:00", "+03:00"),
        ("2026-12-10T09:00 -03:30", "2026-12-10T12:30", "-03:30"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30", "+01:00"),
    ],
)
def test_a_moment_is_kept_in_utc_with_its_zone(typed: str, moment: str, zone: str | None) -> None:
    read = schedule.read_moment(typed)

    assert read == ZonedMoment(at=at(moment), zone=zone or typed.rsplit(maxsplit=1)[-1])
    assert read.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tomorrow", "no day, time and time zone"),
        ("2026-12-10", "no day, time and time zone"),
        ("2026-12-10T09:00", "no day, time and time zone"),
        ("2026-02-31T09:00 Europe/Minsk", "no day, time and time zone"),
        ("2026-12-10T25:00 Europe/Minsk", "no day, time and time zone"),
        ("2026-12-10T09:00 Europe/Mensk", "no time zone “Europe/Mensk”"),
        ("2026-12-10T09:00 Minsk", "no time zone “Minsk”"),
        ("2026-12-10T09:00 EST", "no time zone “EST”"),
        ("2026-12-10T09:00 Etc/GMT+3", "no time zone “Etc/GMT+3”"),
        ("2026-12-10T09:00 ../../etc/passwd", "no time zone"),
        ("2026-12-10T09:00 America/Argentina", "no time zone"),
        ("2026-03-29T02:30 Europe/Warsaw", "leave out 2026-03-29 02:30"),
        ("2026-10-25T02:30 Europe/Warsaw", "show 2026-10-25 02:30 twice"),
    ],
)
def test_a_time_that_nobody_can_mean_is_refused(typed: str, words: str) -> None:
    with pytest.raises(BadTime) as refused:
        schedule.read_moment(typed)

    assert words in refused.value.what


def test_of_a_time_that_comes_twice_both_are_offered() -> None:
    with pytest.raises(BadTime) as refused:
        schedule.read_moment("2026-10-25T02:30 Europe/Warsaw")

    first, second = refused.value.remedy.split(": ")[1].split(" or ")
    assert schedule.read_moment(second).at - schedule.read_moment(first).at == timedelta(hours=1)


def test_a_moment_is_shown_in_its_zone() -> None:
    moment = at("2026-12-10T06:00")

    assert schedule.shown(moment, "Europe/Minsk") == "2026-12-10 09:00 Europe/Minsk"
    assert schedule.shown(moment, "-03:30") == "2026-12-10 02:30 -03:30"
    assert schedule.shown(moment, "UTC") == "2026-12-10 06:00 UTC"
    assert ZonedMoment(at=at("2026-12-09T22:00"), zone="Europe/Minsk").day == date(2026, 12, 10)


@pytest.mark.parametrize(
    "typed",
    ["", "9 UTC", "24:00 UTC", "09:00:30 UTC", "09:00+03:00", "noon UTC", "009:00 UTC"],
)
def test_a_time_of_day_needs_hours_and_minutes(typed: str) -> None:
    with pytest.raises(BadTime, match="is no time and time zone"):
        schedule.read_time(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("09:00", "“09:00” names no time zone"),
        ("9:00 ", "“9:00 ” names no time zone"),
        ("09:00 Minsk", "no time zone “Minsk”"),
        ("09:00 Europe/Minsk UTC", "no time zone “Europe/Minsk UTC”"),
    ],
)
def test_a_time_of_day_needs_a_zone(typed: str, words: str) -> None:
    with pytest.raises(BadTime, match=words):
        schedule.read_time(typed)


@pytest.mark.parametrize(
    "typed", ["09:30 Europe/Minsk", "9:30 Europe/Minsk", " 09:30  Europe/Minsk "]
)
def test_a_time_of_day_is_read(typed: str) -> None:
    assert schedule.read_time(typed) == (time(9, 30), "Europe/Minsk")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-09T09:00", "2026-03-09T09:00"),
        ("2026-03-09T08:59:59", "2026-03-02T09:00"),
        ("2026-03-15T23:00", "2026-03-09T09:00"),
        ("2026-01-01T00:00", "2025-12-29T09:00"),
    ],
)
def test_weekly_digests_are_due_on_mondays_unless_another_day_is_chosen(now: str, due: str) -> None:
    times = DigestTimes()

    assert times.latest(WEEKLY, at(now)) == at(due)
    assert times.following(WEEKLY, at(now)) == at(due) + timedelta(weeks=1)
    on_tuesdays = DigestTimes(weekday=1)
    assert on_tuesdays.latest(WEEKLY, at(now)).weekday() == 1


@pytest.mark.parametrize("hours", [-11, -3, 0, 3, 13])
def test_digests_are_due_at_the_same_moment_wherever_it_is_asked(hours: int) -> None:
    here = timezone(timedelta(hours=hours))
    due = at("2026-03-09T09:00")

    assert DigestTimes().latest(DAILY, due.astimezone(here)) == due
    assert DigestTimes().latest(DAILY, due.astimezone(here)).tzinfo is UTC


def test_a_digest_comes_at_the_same_time_of_the_clock_all_year() -> None:
    times = DigestTimes(at=time(9), zone=WARSAW)

    assert times.following(DAILY, at("2026-03-28T12:00")) == at("2026-03-29T07:00")
    assert times.following(DAILY, at("2026-03-27T12:00")) == at("2026-03-28T08:00")
    assert times.following(DAILY, at("2026-10-24T12:00")) == at("2026-10-25T08:00")


def test_a_digest_comes_once_on_the_days_on_which_its_time_is_left_out_or_comes_twice() -> None:
    times = DigestTimes(at=time(2, 30), zone=WARSAW)

    assert times.moment_of(SPRING) == at("2026-03-29T01:30")
    assert times.moment_of(AUTUMN) == at("2026-10-25T00:30")


START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", WARSAW, "Europe/Minsk", "America/New_York", "Australia/Lord_Howe"])


@given(
    now=st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    times=st.builds(DigestTimes, at=st.times(), zone=ZONES, weekday=st.integers(0, 6)),
    frequency=st.sampled_from([DAILY, WEEKLY]),
)
def test_the_moments_of_digests_follow_without_gap_or_overlap(
    now: datetime, times: DigestTimes, frequency: Frequency
) -> None:
    latest, following = times.latest(frequency, now), times.following(frequency, now)

    assert latest <= now < following
    assert times.latest(frequency, following) == following
    assert times.latest(frequency, following - timedelta(seconds=1)) == latest
    assert times.following(frequency, latest) == following
    days = 1 if frequency is DAILY else 7
    assert abs(following - latest - timedelta(days=days)) <= timedelta(hours=1)
    assert times.latest_day(frequency, following) - times.latest_day(frequency, latest) == (
        timedelta(days=days)
    )


@pytest.mark.parametrize("damaged", [{"zone": "Europe/Mensk"}, {"zone": "../x"}, {"weekday": 7}])
def test_times_that_no_clock_shows_cannot_be_made(damaged: dict[str, object]) -> None:
    with pytest.raises((LookupError, ValueError)):
        DigestTimes(**damaged)  # type: ignore[arg-type]
