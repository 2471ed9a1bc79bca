"""A week in Warsaw: updates at their times, digests, milestones, downtime, daylight saving.

In the night to Sunday 29 March 2026 the clocks of Warsaw go from 02:00 to 03:00. From Friday to
Sunday, midnight UTC, nothing runs.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DigestTimes
from chalicelib.domain.subscriber import Frequency
from tests import builders
from tests.usecases.alerts.test_digests import subscribe
from tests.world import World

UPDATES: Final = {
    "tuesday": "2026-03-24T18:00 Europe/Warsaw",
    "thursday": "2026-03-26T08:00 Europe/Minsk",
    "friday": "2026-03-27T12:00 Europe/Warsaw",
    "sunday": "2026-03-29T12:00+02:00",
}
GOAL_REACHED: Final = datetime(2026, 3, 25, 10, tzinfo=UTC)
DOWN, UP = datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)
EXPECTED: Final = {
    Frequency.EACH: [
        ("2026-03-24 17:00", ["tuesday"]),
        ("2026-03-25 10:00", ["goal-10"]),
        ("2026-03-26 05:00", ["thursday"]),
        ("2026-03-29 00:00", ["friday"]),
        ("2026-03-29 00:00", ["closing-in-a-week"]),
        ("2026-03-29 10:00", ["sunday"]),
    ],
    # Nine o'clock in Warsaw is eight in UTC until Saturday, and seven from Sunday on.
    Frequency.DAILY: [
        ("2026-03-25 08:00", ["tuesday"]),
        ("2026-03-26 08:00", ["goal-10", "thursday"]),
        ("2026-03-29 00:00", ["friday", "closing-in-a-week"]),
        ("2026-03-30 07:00", ["sunday"]),
    ],
    Frequency.WEEKLY: [
        (
            "2026-03-30 07:00",
            ["tuesday", "goal-10", "thursday", "friday", "closing-in-a-week", "sunday"],
        ),
    ],
}
NAMED: Final = re.compile(r"/updates/([a-z0-9-]+)")


def moments() -> Iterator[datetime]:
    """Each hour of the week in which the service runs."""
    moment = datetime(2026, 3, 23, 12, tzinfo=UTC)
    while moment < datetime(2026, 3, 31, 12, tzinfo=UTC):
        if not DOWN <= moment < UP:
            yield moment
        moment += timedelta(hours=1)


def test_each_subscriber_gets_exactly_what_is_due_when_it_is_due(world: World) -> None:
    world.clock.moment = datetime(2026, 3, 23, 11, tzinfo=UTC)
    world.publish(
        builders.petition(
            closes_on=date(2026, 4, 4),
            digest_times=DigestTimes(at=time(9), zone="Europe/Warsaw"),
            milestones=tuple(Milestone),
        )
    )
    for frequency in Frequency:
        subscribe(world, f"{frequency}@example.org", frequency)
    for name, typed in UPDATES.items():
        sent = schedule.read_moment(typed)
        world.publish_update(builders.update(name=name, send_at=sent.at, send_zone=sent.zone))
    received: dict[Frequency, list[tuple[str, Sequence[str]]]] = {each: [] for each in Frequency}

    for moment in moments():
        world.clock.moment = moment
        if moment == GOAL_REACHED:
            world.raise_tally(without_country=12)
            world.set_figures()
            world.clock.moment = moment
        before = len(world.mails())
        world.run_every_minute()
        world.deliver_all()
        for mail in world.mails()[before:]:
            names = list(dict.fromkeys(NAMED.findall(mail.text)))
            received[Frequency(mail.to.partition("@")[0])].append(
                (f"{moment:%Y-%m-%d %H:%M}", names)
            )

    assert received == EXPECTED
