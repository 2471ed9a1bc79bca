"""Hourly post quotas of networks, and spent proofs of work.

A network is stored as a keyed hash (see `daily_keys.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch
from chalicelib.store.dynamodb.table import Table

_RETENTION: Final = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The posts of a network in an hour. `counted`: the last one is within the cap and counted."""

    count: int
    counted: bool


def count_post(table: Table, network_hash: str, *, cap: int, now: datetime) -> Quota:
    """Q15: count one post of a network in this hour, unless its `cap` is reached."""
    try:
        item = table.update(
            keys.post_limit(now, network_hash),
            "SET expires_at = :expires_at ADD post_count :one",
            condition="attribute_not_exists(post_count) OR post_count < :cap",
            values={":one": 1, ":cap": cap, ":expires_at": to_epoch(now + _RETENTION)},
        )
    except ConditionFailed as failed:
        return Quota(count=(failed.item or {}).get("post_count", cap), counted=False)
    return Quota(count=item["post_count"], counted=True)


def count_slow_post(
    table: Table, network_hash: str, *, cap: int, slow_cap: int, now: datetime
) -> Quota:
    """Q15: count one post in the slow lane, unless one of both caps is reached."""
    try:
        item = table.update(
            keys.post_limit(now, network_hash),
            "SET expires_at = :expires_at ADD post_count :one, slow_count :one",
            condition=(
                "(attribute_not_exists(post_count) OR post_count < :cap) "
                "AND (attribute_not_exists(slow_count) OR slow_count < :slow_cap)"
            ),
            values={
                ":one": 1,
                ":cap": cap,
                ":slow_cap": slow_cap,
                ":expires_at": to_epoch(now + _RETENTION),
            },
        )
    except ConditionFailed as failed:
        return Quota(count=(failed.item or {}).get("post_count", cap), counted=False)
    return Quota(count=item["post_count"], counted=True)


def spend_proof(table: Table, nonce: str, *, claim: str, expires_at: datetime) -> bool:
    """Q20: spend a proof of work. False if it was spent before under another `claim`.

    `claim` identifies the caller, so that a write whose answer was lost can be repeated.
    """
    item = {"claim": claim, keys.EXPIRES_AT: to_epoch(expires_at)}
    try:
        table.add(keys.spent_proof(nonce), item)
    except ConditionFailed as failed:
        return (failed.item or {}).get("claim") == claim
    return True
