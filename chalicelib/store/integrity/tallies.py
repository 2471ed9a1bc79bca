"""Tallies, in the table of petitions: one item for each petition.

Beside `count` it has a `country#PL` for each country (`country#` for unknown), a `fence#…` for each
shard of the stream, and what `public_figures` stores. An attribute that cannot be read is treated
as missing.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.integrity.tally import Fence, Figures, Tally, is_country
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import public_figures

log = logging.getLogger(__name__)

_FENCE: Final = "fence#"
_FENCE_VALUE: Final = re.compile(r"\d{1,40}@\d{1,14}", re.ASCII)
"""A sequence number, and milliseconds since 1970."""
_COUNTRY: Final = "country#"
_REMOVALS: Final = 100
"""Attributes that one expression removes; it may have 4 KB (DynamoDB's quotas)."""


def get(table: Table, slug: str) -> Tally:
    """Q3: the tally of a petition, zero before the first signature.

    A country without signatures has no figure, as if nobody had ever signed there.
    """
    item = _readable(table.find(keys.tally(slug)))
    return Tally(
        slug=slug,
        count=item.get("count", 0),
        countries={
            name.removeprefix(_COUNTRY): number
            for name, number in item.items()
            if name.startswith(_COUNTRY) and number
        },
        repairs=item.get("repairs", 0),
        public=public_figures.from_item(item),
        public_since=to_moment(item.get(public_figures.SINCE, 0)),
        looked_at=to_moment(item.get(public_figures.LOOKED_AT, 0)),
    )


def fences(table: Table, slug: str) -> Mapping[str, Fence]:
    """Q3: the fences of a tally, by stream shard. Deletes damaged attributes."""
    return {
        name.removeprefix(_FENCE): _to_fence(value)
        for name, value in delete_damaged(table, slug).items()
        if name.startswith(_FENCE)
    }


def add(
    table: Table,
    slug: str,
    *,
    differences: Figures,
    shard: str,
    moved: Fence,
    seen: Mapping[str, Fence],
) -> bool:
    """Q3: add to the figures, move the shard's fence, and delete expired fences, in one write.

    False, and no change, if one of these fences is no longer as it was in `seen`.
    """
    additions, names, values = _additions(sum(differences.values()), differences)
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
    try:
        table.update(
            keys.tally(slug),
            f"SET #fence = :moved ADD {additions}"
            + (f" REMOVE {', '.join(removals)}" if removals else ""),
            condition=" AND ".join(conditions),
            names=names,
            values=values,
        )
    except ConditionFailed:
        return False
    return True


def repair(table: Table, seen: Tally, *, count: int, countries: Figures) -> bool:
    """Q3: add to the figures, unless they were repaired since `seen`. Safe to repeat.

    Additions by the stream in the meantime stay.
    """
    additions, names, values = _additions(count, countries)
    values[":repaired"] = seen.repairs + 1
    if seen.repairs:
        condition = "repairs = :seen"
        values[":seen"] = seen.repairs
    else:
        condition = "attribute_not_exists(repairs)"
    try:
        table.update(
            keys.tally(seen.slug),
            f"SET repairs = :repaired ADD {additions}",
            condition=condition,
            names=names,
            values=values,
        )
    except ConditionFailed:
        return False
    return True


def _additions(count: int, countries: Figures) -> tuple[str, dict[str, str], dict[str, str | int]]:
    """The clause that adds to the figures, its names and its values.

    With all countries it has 3.3 KB; an expression may have 4 KB (DynamoDB's quotas).
    """
    names, values = {"#count": "count"}, {":count": count}
    for number, (country, difference) in enumerate(sorted(countries.items())):
        names[f"#c{number}"] = _COUNTRY + country
        values[f":c{number}"] = difference
    clause = ", ".join(f"{name} :{name[1:]}" for name in names)
    return clause, names, dict(values)


def _from_fence(fence: Fence) -> str:
    return f"{fence.sequence}@{to_milliseconds(fence.counted_at)}"


def _to_fence(value: str) -> Fence:
    sequence, _, counted_at = value.partition("@")
    return Fence(sequence=sequence, counted_at=to_moment(int(counted_at)))


def delete_damaged(table: Table, slug: str) -> Item:
    """Q3: delete the attributes that cannot be read; returns the others.

    Nothing can be added to an attribute of another type. Reconciliation counts anew what was lost.
    """
    item = table.find(keys.tally(slug), consistent=True) or {}
    readable = _readable(item)
    damaged = sorted(item.keys() - readable.keys())
    if damaged:
        log.error("%d attributes of the tally of %s are damaged, and deleted", len(damaged), slug)
        _remove(table, slug, damaged)
    return readable


def _remove(table: Table, slug: str, attributes: Sequence[str]) -> None:
    for start in range(0, len(attributes), _REMOVALS):
        removed = attributes[start : start + _REMOVALS]
        names = {f"#a{number}": name for number, name in enumerate(removed)}
        table.update(keys.tally(slug), "REMOVE " + ", ".join(names), names=names)


def _readable(item: Item | None) -> Item:
    """The attributes of a tally's item that are as this module writes them."""
    return {name: value for name, value in (item or {}).items() if _is_readable(name, value)}


def _is_readable(name: str, value: Any) -> bool:
    if name in (keys.PK, keys.SK) or public_figures.is_readable(name, value):
        return True
    if name.startswith(_FENCE):
        return isinstance(value, str) and _FENCE_VALUE.fullmatch(value) is not None
    is_figure = name in ("count", "repairs") or (
        name.startswith(_COUNTRY) and is_country(name.removeprefix(_COUNTRY))
    )
    # A bool is an int, too.
    return is_figure and type(value) is int
