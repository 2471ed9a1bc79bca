"""Posts, in the desk table: how many came, of a network and of all; which proofs are spent.

A network stands here as a keyed hash, see `limits.py`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from chalicelib.store import keys
from chalicelib.store.errors import ConditionFailed
from chalicelib.store.moments import to_epoch
from chalicelib.store.table import Table

_HOUR_KEPT: Final = timedelta(hours=2)
_MINUTE_KEPT: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many posts a network has made within an hour; `counted`: the last one is among them."""

    count: int
    counted: bool


@dataclass
class UnwrittenPosts:
    """Posts of one minute that this process has counted and not written yet, among its threads."""

    _minute: datetime | None = None
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, minute: datetime, posts: int = 1) -> None:
        """Count posts of a minute. Those of a minute before it are forgotten."""
        with self._lock:
            if self._minute is None or minute > self._minute:
                self._minute, self._count = minute, 0
            if minute == self._minute:
                self._count += posts

    def take(self, minute: datetime, *, at_least: int) -> int:
        """All posts of a minute, to be written by who takes them; 0 while there are too few."""
        with self._lock:
            if minute != self._minute or self._count < at_least:
                return 0
            taken, self._count = self._count, 0
            return taken


def count_post(table: Table, network_hash: str, *, cap: int, now: datetime) -> Share:
    """Q15: count one post of a network in this hour, unless it has made `cap` already."""
    try:
        item = table.update(
            keys.post_limit(now, network_hash),
            "SET expires_at = :expires_at ADD post_count :one",
            condition="attribute_not_exists(post_count) OR post_count < :cap",
            values={":one": 1, ":cap": cap, ":expires_at": to_epoch(now + _HOUR_KEPT)},
        )
    except ConditionFailed as failed:
        return Share(count=(failed.item or {}).get("post_count", cap), counted=False)
    return Share(count=item["post_count"], counted=True)


def count_slow_post(
    table: Table, network_hash: str, *, cap: int, slow_cap: int, now: datetime
) -> Share:
    """Q15: count one post that comes without a proof of work: within both caps, or not at all."""
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
                ":expires_at": to_epoch(now + _HOUR_KEPT),
            },
        )
    except ConditionFailed as failed:
        return Share(count=(failed.item or {}).get("post_count", cap), counted=False)
    return Share(count=item["post_count"], counted=True)


def add_of_minute(table: Table, posts: int, *, part: str, now: datetime) -> None:
    """Q19: add posts of one process to those of everybody in this minute."""
    table.update(
        keys.post_total(now, part),
        "SET expires_at = :expires_at ADD post_count :posts",
        values={":posts": posts, ":expires_at": to_epoch(now + _MINUTE_KEPT)},
    )


def of_minutes(table: Table, minutes: Sequence[datetime]) -> Sequence[int]:
    """Q19: how many posts came in each of these minutes (12 at most), all networks together."""
    wanted = [keys.post_total(minute, part) for minute in minutes for part in keys.PARTS]
    counts = {item[keys.PK]: int(item["post_count"]) for item in table.find_many(wanted)}
    return [
        sum(counts.get(keys.post_total(minute, part)[keys.PK], 0) for part in keys.PARTS)
        for minute in minutes
    ]


def spend_proof(table: Table, nonce: str, *, claim: str, expires_at: datetime) -> bool:
    """Q20: note that a proof of work is used. False if it was before, by another than `claim`.

    `claim` names the one who spends it, so that a write whose answer was lost can be repeated.
    """
    item = {"claim": claim, keys.EXPIRES_AT: to_epoch(expires_at)}
    try:
        table.add(keys.spent_proof(nonce), item)
    except ConditionFailed as failed:
        return (failed.item or {}).get("claim") == claim
    return True
