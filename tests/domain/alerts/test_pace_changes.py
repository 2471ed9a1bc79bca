"""The pace follows what SES says: its figures, its throttling, its refusals."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alerts import pace_changes
from chalicelib.domain.alerts.pacing import AccountFigures, Pace
from tests.builders import NOW

FIGURES = AccountFigures(rate=14.0, quota=50_000, sent=70, sandbox=False, enabled=True)
KNOWN = Pace(revision=1, rate=14.0, quota=None)


def test_slots_that_are_given_while_ses_is_asked_still_count() -> None:
    pace = pace_changes.told(replace(KNOWN, slots=110), FIGURES, slots_read=100, now=NOW)

    assert pace.bulk_left == 50_000 - 70 - 10 - 10_000


def test_a_new_day_closes_the_count_of_single_mails() -> None:
    pace = pace_changes.told(replace(KNOWN, singles=5), FIGURES, slots_read=0, now=NOW)
    for day in range(1, 10):
        pace = replace(pace, singles=pace.singles + day)
        pace = pace_changes.told(pace, FIGURES, slots_read=0, now=NOW + timedelta(days=day))

    assert pace.singles_by_day == (3, 4, 5, 6, 7, 8, 9)
    assert pace.singles_at_midnight == pace.singles


def test_the_same_figures_on_the_same_day_change_nothing() -> None:
    pace = pace_changes.told(KNOWN, FIGURES, slots_read=0, now=NOW)

    assert pace_changes.told(pace, FIGURES, slots_read=0, now=NOW + timedelta(hours=1)) == pace


def test_throttling_reduces_the_rate_once_a_second_and_time_brings_it_back() -> None:
    rate = pace_changes.reduced(KNOWN, NOW)
    assert rate
    assert rate == pytest.approx(14 * 0.7)
    pace = replace(KNOWN, reduced_to=rate, reduced_at=NOW)

    assert pace_changes.reduced(pace, NOW + timedelta(seconds=0.9)) is None
    assert pace.rate_at(NOW) == rate
    assert pace.rate_at(NOW + timedelta(minutes=1)) == pytest.approx(rate + 1.4)
    assert pace.rate_at(NOW + timedelta(minutes=10)) == 14.0


@pytest.mark.parametrize(("rate", "least"), [(200.0, 20.0), (14.0, 1.4), (1.0, 1.0), (0.5, 0.5)])
def test_an_hour_of_throttling_leaves_a_tenth_of_the_rate(rate: float, least: float) -> None:
    pace, now = replace(KNOWN, rate=rate), NOW
    for _ in range(3600):
        now += timedelta(seconds=1)
        reduced = pace_changes.reduced(pace, now)
        assert reduced
        pace = replace(pace, reduced_to=reduced, reduced_at=now)

    assert pace.reduced_to == pytest.approx(least)


def test_a_known_stop_is_not_begun_anew() -> None:
    stop = pace_changes.stopped(KNOWN, "down", NOW)
    assert stop
    stopped = replace(KNOWN, stop=stop)

    assert pace_changes.stopped(stopped, "down", NOW + timedelta(minutes=5)) is None
    other = pace_changes.stopped(stopped, "paused", NOW + timedelta(minutes=5))
    assert other == replace(stop, reason="paused")
