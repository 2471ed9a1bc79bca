"""What an update must be before it can be published."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from chalicelib.domain.fields import FIRST_DAY, LAST_DAY, Fields
from chalicelib.domain.petitions.petition_rules import check_name
from chalicelib.domain.petitions.text_rules import complete_texts
from chalicelib.domain.petitions.update import DIGEST_NAME, Update, UpdateText

_FIELDS: Final = ("published_on", "send_at")


def parse_update(
    fields: Fields,
    *,
    slug: str,
    name: str,
    texts: Mapping[str, UpdateText | None],
    languages: Sequence[str],
) -> Update | None:
    """The update of the petition `slug`, which has these languages. None with `fields.errors`.

    `texts` has None for a text that could not be read.
    """
    check_name(fields, "name", name)
    if DIGEST_NAME.fullmatch(name):
        what = f"The service calls a weekly digest “{name}”."
        fields.add("name", what, "Choose a name that says what is new.")
    fields.refuse_others(_FIELDS)
    published_on = fields.day("published_on", date(2026, 1, 31))
    send_at = _send_at(fields)
    complete = complete_texts(fields, texts, languages, languages)
    if fields.errors or published_on is None:
        return None
    return Update(slug=slug, name=name, published_on=published_on, send_at=send_at, texts=complete)


def _send_at(fields: Fields) -> datetime | None:
    value = fields.values.get("send_at")
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        fields.add(
            "send_at",
            "“send_at” must be a moment: day, time and time zone.",
            example=datetime(2026, 1, 31, 9, tzinfo=UTC),
        )
        return None
    if not FIRST_DAY < value.date() < LAST_DAY:
        what = f"“send_at” is {value}: no day before {FIRST_DAY} or after {LAST_DAY} fits."
        fields.add("send_at", what, example=datetime(2026, 1, 31, 9, tzinfo=UTC))
        return None
    return value.astimezone(UTC)
