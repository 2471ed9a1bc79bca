"""What a petition says of its news: when digests are due, and which milestones make some."""

from datetime import date
from typing import Final

from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DEFAULT_TIMES, DigestTimes
from chalicelib.domain.fields import Fields

_WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def parse_digest_times(fields: Fields) -> DigestTimes:
    """When digests are due: `digest_at` daily, on `digest_day` weekly."""
    at, zone = DEFAULT_TIMES.at, DEFAULT_TIMES.zone
    if "digest_at" in fields.values:
        typed = fields.text("digest_at", "09:00 Europe/Minsk")
        try:
            at, zone = schedule.read_time(typed) if typed else (at, zone)
        except schedule.BadTime as error:
            remedy = error.remedy or "Write time and zone, such as 09:00 Europe/Minsk."
            fields.add("digest_at", f"“digest_at”: {error.what}", remedy)
    return DigestTimes(at=at, zone=zone, weekday=_weekday(fields))


def parse_milestones(fields: Fields) -> tuple[Milestone, ...]:
    """The milestones at which the service writes an update; none without the line."""
    if fields.values.get("milestones", []) == []:
        return ()
    kinds = [*Milestone]
    named = fields.several("milestones", str, kinds, limit=len(kinds))
    for name in dict.fromkeys(named):
        if name not in kinds:
            what = f"“{name}” is no milestone."
            fields.add("milestones", what, f"Choose among: {', '.join(kinds)}.")
    return tuple(kind for kind in kinds if kind in named)


def parse_handed_in_on(fields: Fields, opens_on: date) -> date | None:
    """The day on which the petition was handed in, if it is known."""
    if "handed_in_on" not in fields.values:
        return None
    day = fields.day("handed_in_on", date(2027, 12, 31))
    if day and day < opens_on:
        fields.add(
            "handed_in_on",
            f"The petition was handed in on {day}, before it opened on {opens_on}.",
            "Correct one of the two dates.",
        )
    return day


def _weekday(fields: Fields) -> int:
    if "digest_day" not in fields.values:
        return DEFAULT_TIMES.weekday
    typed = fields.text("digest_day", _WEEKDAYS[0])
    if typed and typed not in _WEEKDAYS:
        what = f"“{typed}” is no day of the week in English."
        fields.add("digest_day", what, f"Choose among: {', '.join(_WEEKDAYS)}.")
        return DEFAULT_TIMES.weekday
    return _WEEKDAYS.index(typed) if typed else DEFAULT_TIMES.weekday
