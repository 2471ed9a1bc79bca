"""The content of alerts, in the table of petitions. It never changes, and workers cache it."""

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.errors import NotFound
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES, Item, item_bytes
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.petitions import updates

MAX_BYTES: Final = MAX_ITEM_BYTES - 1_000
"""Of the content of an alert: the rest is room for its key."""


def get(table: Table, alert_id: str) -> AlertContent:
    """Q12: the content of an alert. Raises NotFound."""
    item = table.find(keys.alert_content(alert_id), consistent=True)
    for content in validation.validated([item] if item else [], _content):
        return content
    raise NotFound


def _content(item: Item) -> AlertContent:
    validation.check_path(languages=item["languages"])
    return AlertContent(
        titles={language: item["titles"][language] for language in item["languages"]},
        organiser=item["organiser"],
        discreet=item["discreet"],
        updates=tuple(map(updates.from_item, item["updates"])),
    )


def to_item(content: AlertContent) -> Mapping[str, Any]:
    """The attributes of a content, without its key."""
    return {
        "languages": list(content.titles),
        "titles": dict(content.titles),
        "organiser": content.organiser,
        "discreet": content.discreet,
        "updates": [updates.to_item(update) for update in content.updates],
    }


def stored_bytes(content: AlertContent) -> int:
    """The size of a content, in DynamoDB's way of counting."""
    return item_bytes(to_item(content))
