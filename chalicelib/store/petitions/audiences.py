"""Numbers of subscribers: counted in their table, and kept in the table of petitions."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.audience import AudienceFigures, SubscriberCount
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table

DAYS_KEPT: Final = timedelta(days=30)
_COUNTED: Final = ("state", "language", "frequency", "subscribed_on", "unsubscribed_at")


def count_in(table: Table, slug: str, shard: str) -> SubscriberCount:
    """Q7: the subscriptions of a shard in numbers.

    Reads neither addresses nor blind indexes, and is eventually consistent.
    """
    count = SubscriberCount()
    for item in table.items_of(keys.shard(slug, shard), attributes=_COUNTED):
        try:
            if SubscriberState(item["state"]) is SubscriberState.ACTIVE:
                day = date.fromisoformat(item["subscribed_on"])
                count.choices[item["language"], Frequency(item["frequency"])] += 1
                count.started[day] += 1
            else:
                count.ended[to_moment(item["unsubscribed_at"]).date()] += 1
        except (KeyError, TypeError, ValueError):
            # A damaged item must not hide the others.
            continue
    return count


def save(table: Table, slug: str, count: SubscriberCount, *, now: datetime) -> None:
    """Q58: store how many subscribers a petition has now."""
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
    """Q58: how many subscribers a petition had when they were counted last, or None."""
    item = table.find(keys.audience(slug))
    return from_item(item) if item else None


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
