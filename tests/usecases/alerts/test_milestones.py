"""At a milestone the service writes an update by itself, once, and mails it like any other."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.alerts.schedule import DigestTimes
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.subscriber import Frequency
from chalicelib.rendering import milestone_texts
from chalicelib.routes.events import errors
from chalicelib.store import keys
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.petitions import publishing
from ops import compiling
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, first_of_each_run, recorded
from tests.usecases.alerts.test_digests import IMMEDIATE, WEEKLY, pass_minutes, pass_time, subscribe
from tests.world import World

SLUG, DAILY = "open-door", "daily@example.org"
AWKWARD = '“Open” <b>"it"</b> & don\'t &amp; wait&nbsp;5\u00a0000 >'
"""Quotes, marks and references of HTML, and a space that keeps a line together."""


def petition(**changes: Any) -> Petition:
    wanted: dict[str, Any] = {
        "milestones": tuple(Milestone),
        "goals": (10, 100, 500),
        "digest_times": DigestTimes(at=time(9), zone="Europe/Minsk"),
    }
    return builders.petition(**(wanted | changes))


@pytest.fixture
def readers(world: World) -> World:
    """A petition with milestones, an immediate and a weekly subscriber."""
    world.publish(petition())
    subscribe(world, IMMEDIATE, Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    world.run_every_minute()
    return world


def names(world: World) -> list[str]:
    """The updates of the petition, oldest first."""
    return [each.name for each in reversed(updates.list_of(world.services.petitions, SLUG))]


def show(world: World, count: int) -> None:
    """Let the public count be at least this."""
    world.raise_tally(without_country=count)
    world.set_figures()


def test_a_goal_is_told_to_every_subscriber_on_a_page_and_in_the_feed(readers: World) -> None:
    show(readers, 100)
    pass_minutes(readers, 3)
    at_once = [mail.to for mail in readers.mails()]
    pass_time(readers, timedelta(weeks=1))

    page = readers.get(f"/en/{SLUG}/updates/goal-100")
    feed = readers.get(f"/en/{SLUG}/feed.atom").body.decode()
    assert at_once == [IMMEDIATE]
    [mail] = readers.mails(IMMEDIATE)
    assert "100 people have signed" in mail.text
    assert "The next goal is 500." in mail.text
    assert "written automatically" in mail.text
    assert page.status_code == 200
    assert "100 people have signed" in page.body.decode()
    assert "100 people have signed" in feed
    [digest] = readers.mails(WEEKLY)
    assert "100 people have signed" in digest.text
    assert names(readers) == ["goal-100"]
    assert updates.get(readers.services.petitions, SLUG, "goal-100").automatic


def test_of_two_goals_at_once_the_higher_is_told(readers: World) -> None:
    show(readers, 600)
    pass_minutes(readers, 3)

    assert names(readers) == ["goal-500"]
    assert len(readers.mails(IMMEDIATE)) == 1


def test_a_goal_is_told_once_however_the_figures_go_on(readers: World) -> None:
    for count in (10, 50, 120):
        show(readers, count)
        pass_minutes(readers, 2)

    assert names(readers) == ["goal-10", "goal-100"]
    assert len(readers.mails(IMMEDIATE)) == 2


def test_what_was_reached_before_anybody_asked_for_it_is_not_told(world: World) -> None:
    world.publish(petition(milestones=()))
    subscribe(world, IMMEDIATE, Frequency.EACH)
    show(world, 120)
    pass_minutes(world)
    world.publish(petition())
    pass_minutes(world, 2)
    # A goal that was put in below the count is no news either.
    world.publish(petition(goals=(10, 100, 110, 500)))
    pass_minutes(world, 2)

    assert names(world) == []
    show(world, 500)
    pass_minutes(world, 2)
    assert names(world) == ["goal-500"]


def test_a_petition_that_stops_telling_of_goals_and_begins_again_tells_no_old_one(
    readers: World,
) -> None:
    readers.publish(petition(milestones=()))
    show(readers, 120)
    pass_minutes(readers)
    readers.publish(petition())
    pass_minutes(readers, 2)

    assert names(readers) == []


def test_no_goal_is_told_after_the_close(readers: World) -> None:
    readers.publish(petition(closes_on=readers.clock.now().date()))
    readers.raise_tally(without_country=120)
    pass_time(readers, timedelta(days=1))

    assert "goal-100" not in names(readers)


def test_the_close_is_told_a_week_before_in_the_daytime(readers: World) -> None:
    readers.publish(petition(closes_on=date(2026, 3, 20)))
    readers.clock.moment = datetime(2026, 3, 13, 5, 58, tzinfo=UTC)
    pass_minutes(readers)
    before = names(readers)
    pass_minutes(readers, 5)

    assert before == []
    assert names(readers) == ["closing-in-a-week"]
    [mail] = readers.mails(IMMEDIATE)
    assert "The last day to sign is 20 March 2026" in mail.text


@pytest.mark.parametrize(("days", "told"), [(2, True), (6, False), (9, False)])
def test_after_downtime_the_close_is_told_only_if_days_are_left(
    readers: World, days: int, told: bool
) -> None:
    readers.publish(petition(closes_on=date(2026, 3, 20)))
    readers.clock.moment = datetime(2026, 3, 13, 6, tzinfo=UTC) + timedelta(days=days)

    pass_minutes(readers, 3)

    assert names(readers) == (["closing-in-a-week"] if told else [])


def test_the_hand_in_is_told_with_the_outcome(readers: World) -> None:
    text = builders.petition_text(outcome="The keeper has taken the list.")
    texts = {**builders.petition().texts, "en": text}
    readers.publish(petition(texts=texts, handed_in_on=date(2026, 3, 10)))

    pass_minutes(readers)
    before = names(readers)
    readers.clock.moment = datetime(2026, 3, 10, 6, tzinfo=UTC)
    pass_minutes(readers, 3)
    pass_minutes(readers, 3)

    assert before == []
    [mail] = readers.mails(IMMEDIATE)
    assert "On 10 March 2026 the petition “Open the door” was handed in." in " ".join(
        mail.text.split()
    )
    assert "The keeper has taken the list." in mail.text
    assert names(readers) == ["handed-in"]


def test_every_milestone_in_every_language_is_read_as_it_was_written(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Reading sanitises, and warns of what publishing cannot have written."""
    text = builders.petition_text(title=AWKWARD, target=AWKWARD, outcome=AWKWARD)
    wanted = petition(
        texts=dict.fromkeys(compiling.languages(), text),
        closes_on=date(2026, 3, 20),
        handed_in_on=date(2026, 3, 13),
        goals=(100, 5000),
    )
    world.publish(wanted)
    subscribe(world, IMMEDIATE, Frequency.EACH)
    pass_minutes(world)
    show(world, 100)
    pass_minutes(world, 2)
    world.clock.moment = datetime(2026, 3, 13, 6, tzinfo=UTC)
    pass_minutes(world, 3)

    occasions = [Occasion(milestone=each, goal=100) for each in Milestone]
    read = {each.name: each.texts for each in updates.list_of(world.services.petitions, SLUG)}
    assert read == {each.name: milestone_texts.texts_of(wanted, each) for each in occasions}
    assert len(world.mails(IMMEDIATE)) == len(occasions)
    assert "not written by publishing" not in caplog.text


def test_without_the_line_nothing_is_written(world: World) -> None:
    world.publish(petition(milestones=(), closes_on=date(2026, 3, 20)))
    show(world, 600)
    pass_time(world, timedelta(days=5))

    assert names(world) == []


@pytest.mark.parametrize("fault", list(Fault))
def test_page_and_alert_of_a_milestone_are_both_there_in_the_end(
    readers: World, fault: Fault
) -> None:
    """Whichever call fails, the next minute completes what is missing, and repeats nothing."""
    show(readers, 100)
    with recorded(AwsCalls()) as calls:
        readers.run_every_minute()

    for place in first_of_each_run(calls.made):
        readers.reset()
        readers.publish(petition())
        subscribe(readers, IMMEDIATE, Frequency.EACH)
        readers.run_every_minute()
        show(readers, 100)
        try:
            with recorded(AwsCalls(at=place, fault=fault)):
                readers.run_every_minute()
        except (Crash, errors.HandlerFailed):
            readers.restart()
        pass_minutes(readers, 4)

        assert names(readers) == ["goal-100"], place
        assert len(readers.mails(IMMEDIATE)) == 1, place
        assert alerts.find_id(readers.services.petitions, SLUG, "goal-100")


def test_the_fault_of_one_petition_stops_no_milestone_of_another(readers: World) -> None:
    readers.publish(petition(slug="shut-door", closes_on=date(2026, 3, 12)))
    readers.publish(petition(closes_on=date(2026, 3, 12)))
    readers.services.petitions.delete(keys.petition("shut-door"))

    with pytest.raises(errors.HandlerFailed):
        readers.run_every_minute()
    readers.deliver_all()

    assert names(readers) == ["closing-in-a-week"]
    assert len(readers.mails(IMMEDIATE)) == 1


def test_an_organiser_can_mend_no_milestone(readers: World) -> None:
    forged = replace(builders.update(), name="first-news")

    assert publishing.publish_update(readers.services, forged).automatic is False
    with pytest.raises(ValueError, match="milestones"):
        replace(forged, name="goal-100")


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=2)])
def test_daily_and_weekly_readers_get_a_milestone_by_the_digest_of_its_moment(
    world: World, late: timedelta
) -> None:
    now = world.clock.now()
    closes_on = (now + timedelta(days=8)).date()
    day = closes_on - timedelta(days=7)
    times = DigestTimes(at=time(9), zone="Europe/Minsk", weekday=day.weekday())
    world.publish(petition(closes_on=closes_on, digest_times=times))
    subscribe(world, DAILY, Frequency.DAILY)
    subscribe(world, WEEKLY, Frequency.WEEKLY)

    world.clock.moment = times.moment_of(day) + late
    pass_minutes(world, 3)

    assert names(world) == ["closing-in-a-week"]
    assert [mail.to for mail in world.mails()] == [DAILY, WEEKLY]


def test_no_digest_says_that_a_petition_closes_after_its_end(world: World) -> None:
    closes_on = (world.clock.now() + timedelta(days=6)).date()
    times = DigestTimes(at=time(9), zone="Europe/Minsk", weekday=2)
    world.publish(petition(closes_on=closes_on, digest_times=times))
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    pass_minutes(world, 2)
    world.publish_update()
    starting.start_update(world.services, f"{SLUG}/first-news")

    pass_time(world, timedelta(weeks=2))

    [digest] = world.mails(WEEKLY)
    assert "The door moved" in digest.text
    assert "closing-in-a-week" not in digest.text
    assert "closing-in-a-week" in names(world)
