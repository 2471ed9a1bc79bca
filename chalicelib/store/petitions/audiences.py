"""The numbers of subscribers that each night's count stores, in the table of petitions."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.audience import AudienceFigures, SubscriberCount
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table

DAYS_KEPT: Final = timedelta(days=30)


def save(table: Table, slug: str, count: SubscriberCount, *, now: datetime) -> None:
    """Q63: store how many subscribers a petition has now."""
    languages, frequencies = Counter[str](), Counter[str]()
    for (language, frequency), number in count.choices.items():
        languages[language] += number
        frequencies[frequency] += number
    table.put(
        keys.audience(slug),
        {
            "counted_at": to_milliseconds(now),
            "languages": dict(languages),
            "frequencies": dict(frequencies),
            "started": _recent(count.started, now),
            "ended": _recent(count.ended, now),
        },
    )


def find(table: Table, slug: str) -> AudienceFigures | None:
    """Q63: how many subscribers a petition had at the last count, or None before the first."""
    item = table.find(keys.audience(slug))
    return None if item is None else from_item(item)


def from_item(item: Item) -> AudienceFigures:
    """The figures of an item."""
    return AudienceFigures(
        counted_at=to_moment(item["counted_at"]),
        by_language=item["languages"],
        by_frequency={Frequency(name): count for name, count in item["frequencies"].items()},
        started=_days(item["started"]),
        ended=_days(item["ended"]),
    )


def _recent(days: Counter[date], now: datetime) -> dict[str, int]:
    first = now.date() - DAYS_KEPT
    return {day.isoformat(): count for day, count in sorted(days.items()) if day >= first}


def _days(values: dict[str, int]) -> dict[date, int]:
    return {date.fromisoformat(day): count for day, count in sorted(values.items())}
