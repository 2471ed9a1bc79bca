"""Breakdowns of signatures, in the table of petitions: one item of counters for each petition.

It has a figure `confirmed#2026-03-08` and `held#2026-03-08` for each day, and a `reason#…` for each
reason for which signatures are held.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.integrity import breakdown, tally
from chalicelib.domain.integrity.breakdown import Breakdown
from chalicelib.domain.integrity.tally import Fence, Figures, SignatureChange
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity.counters import Counters, is_number


def get(table: Table, slug: str) -> Breakdown:
    """Q55: the breakdown of a petition's signatures, empty before the first one."""
    return from_item(_counters(table, slug).get())


def from_item(item: Item) -> Breakdown:
    """The breakdown of an item."""
    return Breakdown(
        figures={name: value for name, value in item.items() if value and _is_figure(name, value)},
        repairs=item.get("repairs", 0),
    )


def fences(table: Table, slug: str) -> Mapping[str, Fence]:
    """Q55: the fences of a breakdown, by stream shard. Deletes damaged attributes."""
    return _counters(table, slug).fences()


def add(
    table: Table,
    slug: str,
    changes: Sequence[SignatureChange],
    *,
    shard: str,
    moved: Fence,
    seen: Mapping[str, Fence],
) -> bool:
    """Q55: add changes to the figures and move the shard's fence, as `tallies.add` does."""
    additions = tally.total(change.breakdown for change in changes)
    return _counters(table, slug).add(additions, shard=shard, moved=moved, seen=seen)


def repair(table: Table, slug: str, additions: Figures, *, seen: Breakdown) -> bool:
    """Q55: add to the figures, unless they were repaired since `seen`. Safe to repeat.

    Of very many wrong figures the first ones are repaired, and the others the next time.
    """
    first = dict(sorted(additions.items())[: breakdown.MAX_NAMES])
    return _counters(table, slug).repair(first, seen=seen.repairs)


def freeze(table: Table, slug: str, *, now: datetime) -> None:
    """Q55: let nothing be added any more: the signatures are destroyed. Safe to repeat."""
    _counters(table, slug).freeze(now)


def delete_damaged(table: Table, slug: str) -> None:
    """Q55: delete the attributes that cannot be read."""
    _counters(table, slug).delete_damaged()


def _counters(table: Table, slug: str) -> Counters:
    return Counters(table=table, key=keys.signature_figures(slug), is_readable=_is_figure)


def _is_figure(name: str, value: Any) -> bool:
    return breakdown.is_name(name) and is_number(value)
