"""Milestones: which are due, when, and once each."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.domain.alerts.milestone import Milestone, MilestonePlan, Occasion
from chalicelib.domain.alerts.schedule import DigestTimes

CLOSING, HANDED_IN = Occasion(milestone=Milestone.CLOSING), Occasion(milestone=Milestone.HANDED_IN)
PLAN = MilestonePlan(
    slug="open-door",
    milestones=frozenset(Milestone),
    goals=(10, 100, 500),
    closes_on=date(2026, 12, 31),
    closes_at=datetime(2027, 1, 1, tzinfo=UTC),
    times=DigestTimes(at=time(9), zone="Europe/Minsk"),
    counted=0,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_no_goal_is_told_after_an_organiser_has_closed_the_petition() -> None:
    closed = replace(PLAN, closes_on=date(2026, 6, 1), closes_at=at("2026-06-01T14:05"))

    assert closed.counts(at("2026-06-01T14:04"))
    assert not closed.counts(at("2026-06-01T14:05"))
    assert not closed.of_the_day(at("2026-06-01T14:05"))


@pytest.mark.parametrize(
    ("before", "count", "goal"),
    [
        (0, 9, 0),
        (0, 10, 10),
        (9, 99, 10),
        (10, 99, 0),
        (10, 100, 100),
        (0, 600, 500),
        (600, 700, 0),
    ],
)
def test_of_the_goals_that_are_reached_the_highest_counts(
    before: int, count: int, goal: int
) -> None:
    reached = replace(PLAN, counted=before).goal_reached(count)

    assert reached == (Occasion(milestone=Milestone.GOAL, goal=goal) if goal else None)


def test_what_was_reached_before_the_first_look_is_no_news() -> None:
    assert replace(PLAN, counted=None).goal_reached(600) is None


def test_a_goal_is_told_once() -> None:
    assert replace(PLAN, past={"goal-100"}).goal_reached(100) is None


def test_no_goal_is_told_after_the_close_or_unasked() -> None:
    assert PLAN.counts(at("2026-12-31T23:59"))
    assert not PLAN.counts(at("2027-01-01T00:00"))
    assert not replace(PLAN, milestones=frozenset({Milestone.CLOSING})).counts(at("2026-03-01"))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-12-24T05:59", False),
        ("2026-12-24T06:00", True),
        ("2026-12-28T23:00", True),
        ("2026-12-29T00:01", False),
        ("2026-12-31T12:00", False),
        ("2027-01-02T12:00", False),
    ],
)
def test_the_close_is_told_a_week_before_in_the_daytime_and_never_shortly_before(
    now: str, due: bool
) -> None:
    assert PLAN.of_the_day(at(now)) == ([CLOSING] if due else [])


def test_the_hand_in_is_told_from_its_day_on() -> None:
    plan = replace(PLAN, handed_in_on=date(2027, 1, 10))

    assert plan.of_the_day(at("2027-01-10T05:59")) == []
    assert plan.of_the_day(at("2027-01-10T06:00")) == [HANDED_IN]
    assert plan.of_the_day(at("2027-03-01T06:00")) == [HANDED_IN]


def test_each_is_told_once_and_only_if_the_petition_wants_it() -> None:
    plan = replace(PLAN, handed_in_on=date(2026, 12, 20))
    now = at("2026-12-24T06:00") + timedelta(hours=1)

    assert plan.of_the_day(now) == [CLOSING, HANDED_IN]
    assert replace(plan, past={"handed-in", "closing-in-a-week"}).of_the_day(now) == []
    assert replace(plan, milestones=frozenset({Milestone.GOAL})).of_the_day(now) == []


def test_the_update_of_each_occasion_has_a_name_of_its_own() -> None:
    goal = Occasion(milestone=Milestone.GOAL, goal=100)

    assert [each.name for each in (goal, CLOSING, HANDED_IN)] == [
        *("goal-100", "closing-in-a-week", "handed-in")
    ]
