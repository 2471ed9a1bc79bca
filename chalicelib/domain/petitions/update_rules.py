"""What an update must be before it can be published."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from chalicelib.domain import latin_names
from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.schedule import ZonedMoment
from chalicelib.domain.fields import FIRST_DAY, LAST_DAY, Fields
from chalicelib.domain.petitions.petition_rules import check_name
from chalicelib.domain.petitions.text_rules import complete_texts
from chalicelib.domain.petitions.update import (
    DIGEST_NAME,
    MILESTONE_NAME,
    OnDoubt,
    Update,
    UpdateText,
)

_FIELDS: Final = ("published_on", "send_at", "on_doubt")
_EXAMPLE: Final = "2026-01-31T09:00 Europe/Minsk"
_MOST_OF_TITLE: Final = 50
_LEAST_OF_TITLE: Final = 3
_OTHER_NAME: Final = "Choose a name that says what is new."


def parse_update(
    fields: Fields,
    *,
    slug: str,
    name: str,
    texts: Mapping[str, UpdateText | None],
    languages: Sequence[str],
) -> Update | None:
    """The update of the petition `slug`, which has these languages. None with `fields.errors`.

    It needs a text in the first of them: readers of others get that. `texts` has None for a text
    that could not be read.
    """
    check_update_name(fields, name)
    fields.refuse_others(_FIELDS)
    published_on = fields.day("published_on", date(2026, 1, 31))
    send_at, on_doubt = _send_at(fields), _on_doubt(fields)
    _compare_days(fields, published_on, send_at)
    wanted = [each for each in languages if each in texts or each == languages[0]]
    complete = complete_texts(fields, texts, wanted, languages)
    if fields.errors or published_on is None:
        return None
    return Update(
        slug=slug,
        name=name,
        published_on=published_on,
        send_at=send_at.at if send_at else None,
        send_zone=send_at.zone if send_at else "UTC",
        texts=complete,
        on_doubt=on_doubt,
    )


def check_update_name(fields: Fields, name: str) -> None:
    """Note a name that no update may have."""
    check_name(fields, "name", name)
    if DIGEST_NAME.fullmatch(name):
        what = f"The service calls a digest “{name}”."
        fields.add("name", what, _OTHER_NAME)
    if MILESTONE_NAME.fullmatch(name):
        what = f"The service itself writes the update “{name}”, at a milestone."
        fields.add("name", what, _OTHER_NAME)


def proposed_name(title: str, taken: Collection[str], today: date) -> str:
    """A name for an update that is not taken, made of its title if that has letters for it."""
    words = latin_names.name_of(title, most_letters=_MOST_OF_TITLE)
    if len(words) < _LEAST_OF_TITLE or DIGEST_NAME.fullmatch(words):
        words = f"news-{today.isoformat()}"
    names = [words, *(f"{words}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken and not MILESTONE_NAME.fullmatch(name))


def _on_doubt(fields: Fields) -> OnDoubt:
    value = fields.values.get("on_doubt", OnDoubt.ASK)
    try:
        return OnDoubt(value)
    except ValueError:
        what = f"“on_doubt” is {value!r}."
        fields.add("on_doubt", what, 'Write: on_doubt = "ask" or on_doubt = "skip"')
        return OnDoubt.ASK


def _send_at(fields: Fields) -> ZonedMoment | None:
    value = fields.values.get("send_at")
    try:
        moment = moment_of(value)
    except schedule.BadTime as error:
        remedy = error.remedy or f'Write: send_at = "{_EXAMPLE}"'
        fields.add("send_at", f"“send_at”: {error.what}", remedy)
        return None
    if moment and not FIRST_DAY < moment.at.date() < LAST_DAY:
        what = f"“send_at” is {value}: no day before {FIRST_DAY} or after {LAST_DAY} fits."
        fields.add("send_at", what, f'Write: send_at = "{_EXAMPLE}"')
        return None
    return moment


def moment_of(value: object) -> ZonedMoment | None:
    """The moment that a file gives, as text or as TOML's own moment. Raises BadTime."""
    if value is None:
        return None
    if isinstance(value, str):
        return schedule.read_moment(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return schedule.of_aware(value)
    raise schedule.BadTime(f"{value} is no day, time and time zone.", "")


def _compare_days(fields: Fields, published_on: date | None, send_at: ZonedMoment | None) -> None:
    """Note an update that would be mailed before the day that it bears."""
    if published_on and send_at and send_at.day < published_on:
        fields.add(
            "send_at", _before_its_day(published_on, send_at), "Correct one of the two lines."
        )


def check_moment(published_on: date, at: ZonedMoment, now: datetime) -> None:
    """Raise BadTime for a moment at which an update that bears a day cannot be mailed."""
    if not FIRST_DAY < at.at.date() < LAST_DAY:
        what = f"That is {at.day}: no day before {FIRST_DAY} or after {LAST_DAY} fits."
        raise schedule.BadTime(what, "Choose another day.")
    if at.at < now:
        what = f"This lies in the past: {schedule.shown(at.at, at.zone)}."
        raise schedule.BadTime(what, "Choose a later time.")
    if at.day < published_on:
        raise schedule.BadTime(_before_its_day(published_on, at), "Choose a later day.")


def _before_its_day(published_on: date, at: ZonedMoment) -> str:
    return f"The update would be mailed on {at.day}, before its day, {published_on}."
