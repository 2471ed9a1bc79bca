"""Times in named zones: when an update is mailed, and when digests are due.

A time that organisers write names its zone, such as Europe/Minsk (IANA time zone database), or its
offset from UTC. Stored is the moment in UTC, with the zone in which people are shown it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from chalicelib.domain.subscriber import Frequency

_ZONE: Final = re.compile(r"UTC|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+){1,2}")
"""`UTC`, or a place: no name that stands for an offset, such as EST or Etc/GMT+3."""
_TIME: Final = re.compile(r"([0-9]{1,2}:[0-9]{2})(?: +(.+))?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?(\S+)"
)
_OFFSET: Final = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_DAY: Final = timedelta(days=1)


class BadTime(ValueError):
    """A time that cannot be meant: `what` is wrong with it, and what helps."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class UnknownZone(BadTime):
    """The zone of a time does not exist."""


@dataclass(frozen=True, kw_only=True)
class ZonedMoment:
    """A moment (aware UTC), and the zone in which it was written: a name, or an offset."""

    at: datetime
    zone: str

    @property
    def day(self) -> date:
        """Its day in the zone."""
        return self.at.astimezone(zone_of(self.zone)).date()


def zone_of(name: str) -> tzinfo:
    """The zone of a name or an offset. Raises LookupError or ValueError if there is none."""
    if _OFFSET.fullmatch(name):
        return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo or UTC
    return UTC if name == "UTC" else ZoneInfo(name)


@dataclass(frozen=True, kw_only=True)
class DigestTimes:
    """When the digests of a petition are due: at `at` in `zone`; weekly ones on `weekday`.

    `weekday` counts from Monday, 0. The default is noon in Minsk and morning in the rest of Europe,
    so that no phone lights up at night.
    """

    at: time = time(9)
    zone: str = "UTC"
    weekday: int = 0

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if not 0 <= self.weekday < 7:
            raise ValueError("no day of the week")

    def moment_of(self, day: date) -> datetime:
        """The moment on a day of the zone, in UTC.

        A time that daylight saving leaves out is as much later; of one that comes twice, the first.
        """
        return datetime.combine(day, self.at, zone_of(self.zone)).astimezone(UTC)

    def latest_day(self, frequency: Frequency, now: datetime) -> date:
        """The day, in the zone, of the last moment up to `now` at which such digests were due."""
        day = now.astimezone(zone_of(self.zone)).date() + _DAY
        while self.moment_of(day) > now or not self.is_day_of(frequency, day):
            day -= _DAY
        return day

    def latest(self, frequency: Frequency, now: datetime) -> datetime:
        """The last moment up to `now` (aware) at which such digests were due, in UTC."""
        return self.moment_of(self.latest_day(frequency, now))

    def following(self, frequency: Frequency, now: datetime) -> datetime:
        """The first moment after `now` (aware) at which such digests are due, in UTC."""
        day = self.latest_day(frequency, now) + _DAY
        while self.moment_of(day) <= now or not self.is_day_of(frequency, day):
            day += _DAY
        return self.moment_of(day)

    def is_day_of(self, frequency: Frequency, day: date) -> bool:
        """Whether such digests are due on a day of the zone."""
        return frequency is not Frequency.WEEKLY or day.weekday() == self.weekday


DEFAULT_TIMES: Final = DigestTimes()


def read_moment(typed: str) -> ZonedMoment:
    """The moment of a text such as `2026-12-10T09:00 Europe/Minsk`, or with an offset or a Z.

    Raises BadTime: no such zone, no such time, or a time that the clock shows twice.
    """
    parts = _MOMENT.fullmatch(typed.strip())
    try:
        local = datetime.fromisoformat(f"{parts[1]}T{parts[2]}" if parts else "")
    except ValueError:
        raise BadTime(f"“{typed}” is no day, time and time zone.", "") from None
    zone = parts[3] if parts else ""
    if zone == "Z" or _OFFSET.fullmatch(zone):
        return of_aware(datetime.fromisoformat(f"{local.isoformat()}{zone}"))
    return _in_zone(local, read_zone(zone))


def read_time(typed: str) -> tuple[time, str]:
    """The time of day and the zone of a text such as `09:00 Europe/Minsk`. Raises BadTime."""
    parts = _TIME.fullmatch(typed.strip())
    try:
        at = time.fromisoformat(parts[1].zfill(5) if parts else "")
    except ValueError:
        raise BadTime(f"“{typed}” is no time and time zone.", "") from None
    zone = parts[2] if parts else ""
    if not zone:
        raise BadTime(f"“{typed}” names no time zone.", "")
    return at, read_zone(zone)


def of_aware(moment: datetime) -> ZonedMoment:
    """The moment of an aware datetime, shown with the offset that it has."""
    offset = moment.isoformat(timespec="minutes")[16:22]
    return ZonedMoment(at=moment.astimezone(UTC), zone="UTC" if offset == "+00:00" else offset)


def read_zone(name: str) -> str:
    """The name of a zone that exists. Raises UnknownZone."""
    if _ZONE.fullmatch(name):
        try:
            ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            pass
        else:
            return name
    proposed = " or ".join(_zones_of(name))
    remedy = f"Write {proposed}." if proposed else "Write its place, such as Europe/Minsk."
    raise UnknownZone(f"There is no time zone “{name}”.", remedy)


def _zones_of(city: str) -> list[str]:
    """The zones of a city, which is the last part of their names."""
    wanted = f"/{city.strip().replace(' ', '_')}".casefold()
    return sorted(zone for zone in available_timezones() if zone.casefold().endswith(wanted))


def shown(at: datetime, zone: str) -> str:
    """A moment as people read it: `2026-12-10 09:00 Europe/Minsk`."""
    return f"{at.astimezone(zone_of(zone)):%Y-%m-%d %H:%M} {zone}"


def written(moment: ZonedMoment) -> str:
    """A moment as `read_moment` reads it: `2026-12-10T09:00:00 Europe/Minsk`."""
    local = moment.at.astimezone(zone_of(moment.zone)).replace(tzinfo=None)
    return f"{local.isoformat()} {moment.zone}"


def _in_zone(local: datetime, zone: str) -> ZonedMoment:
    """A time of a zone's clock. Raises BadTime if daylight saving skips or repeats it."""
    first, second = (local.replace(tzinfo=zone_of(zone), fold=fold) for fold in (0, 1))
    at = first.astimezone(UTC)
    if at.astimezone(first.tzinfo).replace(tzinfo=None) != local:
        raise BadTime(
            f"The clocks of {zone} leave out {local:%Y-%m-%d %H:%M}: daylight saving begins then.",
            "Choose a time an hour earlier or later.",
        )
    if at != second.astimezone(UTC):
        raise BadTime(
            f"The clocks of {zone} show {local:%Y-%m-%d %H:%M} twice: daylight saving ends then.",
            "Say which, with its offset from UTC: "
            f"{first.isoformat(timespec='minutes')} or {second.isoformat(timespec='minutes')}",
        )
    return ZonedMoment(at=at, zone=zone)
