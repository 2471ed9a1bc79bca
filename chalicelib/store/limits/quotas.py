"""Hourly post quotas of networks, and spent proofs of work.

A network is stored as a keyed hash (see `daily_keys.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch
from chalicelib.store.dynamodb.table import Table

_RETENTION: Final = timedelta(hours=2)
_SHORT_HASH: Final = 2
"""Hexadecimal digits of a network inside another: an item has 256 counts of each width at most.

Networks that share them share a count, which the caps of the network around them keep low.
"""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The posts of nested networks in an hour, the widest first.

    `counted`: the last one is within every cap, and counted in each of them.
    """

    counts: Sequence[int]
    counted: bool


def count_post(
    table: Table,
    network_hashes: Sequence[str],
    *,
    caps: Sequence[int],
    slow_caps: Sequence[int] = (),
    now: datetime,
) -> Quota:
    """Q15: count one post of nested networks in this hour, unless the cap of one is reached.

    All are counted in the item of the widest, the first: those inside it by short hashes. A post in
    the slow lane brings `slow_caps`, which count beside the others.
    """
    posts = _attributes("post_count", network_hashes[1:])
    slow = _attributes("slow_count", network_hashes[1:]) if slow_caps else []
    limits = list(zip([*posts, *slow], [*caps, *slow_caps], strict=True))
    names = {f"#c{place}": name for place, (name, _) in enumerate(limits)}
    try:
        item = table.update(
            keys.post_limit(now, network_hashes[0]),
            "SET expires_at = :expires_at ADD " + ", ".join(f"{count} :one" for count in names),
            condition=" AND ".join(
                f"(attribute_not_exists({count}) OR {count} < :cap{place})"
                for place, count in enumerate(names)
            ),
            names=names,
            values={
                ":one": 1,
                ":expires_at": to_epoch(now + _RETENTION),
                **{f":cap{place}": cap for place, (_, cap) in enumerate(limits)},
            },
        )
    except ConditionFailed as failed:
        item, counted = failed.item or {}, False
    else:
        counted = True
    return Quota(counts=[int(item.get(name, 0)) for name in posts], counted=counted)


def _attributes(widest: str, inner_hashes: Sequence[str]) -> Sequence[str]:
    """The names of the counts of nested networks in their item: short, for there can be many."""
    inner = [
        f"{widest[0]}{level}{inner[:_SHORT_HASH]}" for level, inner in enumerate(inner_hashes, 1)
    ]
    return [widest, *inner]


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
