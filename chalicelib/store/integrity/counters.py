"""Counters that the stream of signatures adds to: figures, the fences of shards, and repairs.

An item of counters has a `fence#…` for each shard of the stream, beside its figures. An attribute
that cannot be read is treated as missing.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.integrity.tally import Fence, Figures
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import Key

log = logging.getLogger(__name__)

_FENCE: Final = "fence#"
_FENCE_VALUE: Final = re.compile(r"\d{1,40}@\d{1,14}", re.ASCII)
"""A sequence number, and milliseconds since 1970."""
_REPAIRS: Final = "repairs"
_FROZEN: Final = "frozen_at"
_REMOVALS: Final = 100
"""Attributes that one expression removes; it may have 4 KB (DynamoDB's quotas)."""


class _Frozen(Exception):
    """The data of the petition was destroyed: its totals stand."""


@dataclass(frozen=True, kw_only=True)
class Counters:
    """The counters of one petition. `is_readable` says which attributes are theirs."""

    table: Table
    key: Key
    is_readable: Callable[[str, Any], bool]

    def get(self) -> Item:
        """The attributes that can be read, none before the first signature."""
        return self.readable(self.table.find(self.key))

    def fences(self) -> Mapping[str, Fence]:
        """The fences by stream shard. Deletes damaged attributes."""
        return {
            name.removeprefix(_FENCE): _to_fence(value)
            for name, value in self.delete_damaged().items()
            if name.startswith(_FENCE)
        }

    def add(
        self, additions: Figures, *, shard: str, moved: Fence, seen: Mapping[str, Fence]
    ) -> bool:
        """Add to figures, move the shard's fence, and delete expired fences, in one write.

        False, and no change, if one of these fences is no longer as it was in `seen`. True, and no
        change, if the counters are frozen.
        """
        clause, names, values = additions_clause(additions)
        names["#fence"], values[":moved"] = _FENCE + shard, _from_fence(moved)
        conditions, removals = [], []
        if shard in seen:
            conditions.append("#fence = :seen")
            values[":seen"] = _from_fence(seen[shard])
        else:
            conditions.append("attribute_not_exists(#fence)")
        for number, (other, fence) in enumerate(seen.items()):
            if other != shard and fence.has_expired(moved.counted_at):
                names[f"#f{number}"], values[f":f{number}"] = _FENCE + other, _from_fence(fence)
                conditions.append(f"#f{number} = :f{number}")
                removals.append(f"#f{number}")
        removal = f" REMOVE {', '.join(removals)}" if removals else ""
        try:
            return self._update(
                f"SET #fence = :moved{clause}{removal}", " AND ".join(conditions), names, values
            )
        except _Frozen:
            return True

    def repair(self, additions: Figures, *, seen: int) -> bool:
        """Add to figures, unless they were repaired since there were `seen` repairs.

        Safe to repeat. Additions by the stream in the meantime stay.
        """
        clause, names, values = additions_clause(additions)
        condition = f"{_REPAIRS} = :seen" if seen else f"attribute_not_exists({_REPAIRS})"
        if seen:
            values[":seen"] = seen
        values[":repaired"] = seen + 1
        try:
            return self._update(f"SET {_REPAIRS} = :repaired{clause}", condition, names, values)
        except _Frozen:
            return False

    def freeze(self, now: datetime) -> None:
        """Let nothing be added any more. Safe to repeat."""
        self.table.update(
            self.key,
            f"SET {_FROZEN} = if_not_exists({_FROZEN}, :now)",
            values={":now": to_milliseconds(now)},
            return_values=False,
        )

    def is_frozen(self) -> bool:
        """Whether nothing is added any more."""
        return self.table.find_some(self.key, (_FROZEN,)) not in (None, {})

    def delete_damaged(self) -> Item:
        """Delete the attributes that cannot be read; returns the others.

        Nothing can be added to an attribute of another type. Reconciliation counts anew what was
        lost.
        """
        item = self.table.find(self.key, consistent=True) or {}
        readable = self.readable(item)
        damaged = sorted(item.keys() - readable.keys())
        if damaged:
            log.error("%d attributes of %s are damaged, and deleted", len(damaged), _name(self.key))
            self._remove(damaged)
        return readable

    def readable(self, item: Item | None) -> Item:
        """The attributes of an item that are as this module, or its caller, writes them."""
        return {name: value for name, value in (item or {}).items() if self._is_own(name, value)}

    def _is_own(self, name: str, value: Any) -> bool:
        if name in (keys.PK, keys.SK):
            return True
        if name.startswith(_FENCE):
            return isinstance(value, str) and _FENCE_VALUE.fullmatch(value) is not None
        return is_number(value) if name in (_REPAIRS, _FROZEN) else self.is_readable(name, value)

    def _remove(self, attributes: Sequence[str]) -> None:
        for start in range(0, len(attributes), _REMOVALS):
            removed = attributes[start : start + _REMOVALS]
            names = {f"#a{number}": name for number, name in enumerate(removed)}
            self.table.update(self.key, "REMOVE " + ", ".join(names), names=names)

    def _update(
        self, expression: str, condition: str, names: Mapping[str, str], values: Item
    ) -> bool:
        """Raises _Frozen."""
        condition = f"{condition} AND attribute_not_exists({_FROZEN})"
        try:
            self.table.update(self.key, expression, condition=condition, names=names, values=values)
        except ConditionFailed as failed:
            if _FROZEN in (failed.item or {}):
                raise _Frozen from failed
            return False
        return True


def is_number(value: Any) -> bool:
    """Whether a value is a figure."""
    # A bool is an int, too.
    return type(value) is int


def additions_clause(additions: Figures) -> tuple[str, dict[str, str], Item]:
    """The clause that adds to figures, with a space before it; its names and its values."""
    names, values = {}, {}
    for number, (figure, addition) in enumerate(sorted(additions.items())):
        names[f"#c{number}"] = figure
        values[f":c{number}"] = addition
    clause = ", ".join(f"{name} :{name[1:]}" for name in names)
    return f" ADD {clause}" if clause else "", names, dict(values)


def _name(key: Key) -> str:
    return f"{key[keys.PK]}/{key[keys.SK]}"


def _from_fence(fence: Fence) -> str:
    return f"{fence.sequence}@{to_milliseconds(fence.counted_at)}"


def _to_fence(value: str) -> Fence:
    sequence, _, counted_at = value.partition("@")
    return Fence(sequence=sequence, counted_at=to_moment(int(counted_at)))
