"""Mailboxes of one domain that confirm signatures on one day, in one item.

Domain and mailboxes are stored as keyed hashes (see `daily_keys.py`).
"""

from datetime import date, datetime
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits.daily_keys import RETENTION

_SHORT_HASH: Final = 8
"""Hexadecimal digits of a mailbox in the item of its domain: enough for some dozens."""


def place_of(
    table: Table, domain_hash: str, mailbox_hash: str, *, day: date, most: int, now: datetime
) -> int:
    """Q32: the place of a mailbox, from 1, among those of its domain on this day.

    It keeps its place if it comes again. All that come after `most` have this place, and are not
    stored.
    """
    mailbox = f"mailbox#{mailbox_hash[:_SHORT_HASH]}"
    try:
        item = table.update(
            keys.domain_limit(day, domain_hash),
            "SET expires_at = :expires_at, "
            "#mailbox = if_not_exists(mailbox_count, :zero) + :one, "
            "mailbox_count = if_not_exists(mailbox_count, :zero) + :one",
            condition=(
                "attribute_not_exists(#mailbox) "
                "AND (attribute_not_exists(mailbox_count) OR mailbox_count < :most)"
            ),
            names={"#mailbox": mailbox},
            values={
                ":zero": 0,
                ":one": 1,
                ":most": most,
                ":expires_at": to_epoch(now + RETENTION),
            },
        )
    except ConditionFailed as failed:
        item = failed.item or {}
    return int(item.get(mailbox, most))
