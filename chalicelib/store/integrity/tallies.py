"""Tallies, in the table of petitions: one item of counters for each petition.

Beside `count` it has a `country#PL` for each country (`country#` for unknown), and what
`public_figures` stores.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.integrity.tally import Fence, Figures, Tally, is_country
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import public_figures
from chalicelib.store.integrity.counters import Counters, is_number

_COUNTRY: Final = "country#"


def get(table: Table, slug: str) -> Tally:
    """Q3: the tally of a petition, zero before the first signature."""
    return from_item(slug, _counters(table, slug).get())


def from_item(slug: str, item: Item) -> Tally:
    """The tally of an item.

    A country without signatures has no figure, as if nobody had ever signed there.
    """
    readable = {name: value for name, value in item.items() if _is_readable(name, value)}
    return Tally(
        slug=slug,
        count=readable.get("count", 0),
        countries={
            name.removeprefix(_COUNTRY): number
            for name, number in readable.items()
            if name.startswith(_COUNTRY) and number
        },
        repairs=item.get("repairs", 0),
        public=public_figures.from_item(readable),
        public_since=to_moment(readable.get(public_figures.SINCE, 0)),
        looked_at=to_moment(readable.get(public_figures.LOOKED_AT, 0)),
    )


def fences(table: Table, slug: str) -> Mapping[str, Fence]:
    """Q3: the fences of a tally, by stream shard. Deletes damaged attributes."""
    return _counters(table, slug).fences()


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
    additions = _additions(sum(differences.values()), differences)
    return _counters(table, slug).add(additions, shard=shard, moved=moved, seen=seen)


def repair(table: Table, seen: Tally, *, count: int, countries: Figures) -> bool:
    """Q3: add to the figures, unless they were repaired since `seen`. Safe to repeat.

    Additions by the stream in the meantime stay.
    """
    return _counters(table, seen.slug).repair(_additions(count, countries), seen=seen.repairs)


def freeze(table: Table, slug: str, *, now: datetime) -> None:
    """Q3: let nothing be added any more: the signatures are destroyed. Safe to repeat."""
    _counters(table, slug).freeze(now)


def is_frozen(table: Table, slug: str) -> bool:
    """Q3: whether the signatures were destroyed, and the figures stand."""
    return _counters(table, slug).is_frozen()


def delete_damaged(table: Table, slug: str) -> Item:
    """Q3: delete the attributes that cannot be read; returns the others."""
    return _counters(table, slug).delete_damaged()


def _counters(table: Table, slug: str) -> Counters:
    return Counters(table=table, key=keys.tally(slug), is_readable=_is_readable)


def _additions(count: int, countries: Figures) -> Figures:
    """The additions by the names of attributes.

    With all countries the clause has 3.3 KB; an expression may have 4 KB (DynamoDB's quotas).
    """
    by_country = {_COUNTRY + country: difference for country, difference in countries.items()}
    return {"count": count, **by_country}


def _is_readable(name: str, value: Any) -> bool:
    if public_figures.is_readable(name, value):
        return True
    is_figure = name == "count" or (
        name.startswith(_COUNTRY) and is_country(name.removeprefix(_COUNTRY))
    )
    return is_figure and is_number(value)
