"""Public figures, in the items of the tallies, and when all were looked at last.

The function that serves pages reads these attributes of a tally and no others. One that cannot be
read is treated as missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.public_figures import NEVER, PublicFigures
from chalicelib.domain.petitions.petition import closing_moment
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.petitions import petition_items

_COUNT: Final = "public_count"
_COUNTRIES: Final = "public_countries"
SINCE: Final = "public_since"
LOOKED_AT: Final = "public_looked_at"
"""Both in milliseconds since 1970."""
_END_OF_TIME: Final = 10**14


@dataclass(frozen=True, kw_only=True)
class LastLook:
    """When all public figures were looked at last, and whether one of them moved far then."""

    at: datetime = NEVER
    busy: bool = False


def get(table: Table, slug: str) -> PublicFigures:
    """Q3: the public figures of a petition, zero before they were set."""
    item = table.find_some(keys.tally(slug), (_COUNT, _COUNTRIES)) or {}
    return from_item({name: value for name, value in item.items() if is_readable(name, value)})


def list_counts(table: Table) -> Mapping[str, int]:
    """Q3: the public count of every petition whose figures were set, by slug."""
    items = table.items_of(keys.TALLIES, attributes=[keys.SK, _COUNT])
    return {item[keys.SK]: item[_COUNT] for item in items if is_readable(_COUNT, item.get(_COUNT))}


def save(
    table: Table,
    slug: str,
    figures: PublicFigures,
    *,
    since: datetime,
    at: datetime,
    seen: datetime,
) -> bool:
    """Q3: store the figures that are shown since `since`, as of the moment `at`. Safe to repeat.

    False, and no change, if the last moment is no longer `seen`: another run has stored others.
    """
    values = {
        _COUNT: figures.count,
        _COUNTRIES: dict(figures.countries),
        SINCE: to_milliseconds(since),
        LOOKED_AT: to_milliseconds(at),
    }
    unchanged = f"attribute_not_exists({LOOKED_AT})" if seen == NEVER else f"{LOOKED_AT} = :seen"
    try:
        table.update(
            keys.tally(slug),
            "SET " + ", ".join(f"{name} = :{name}" for name in values),
            condition=unchanged,
            values={f":{name}": value for name, value in values.items()}
            | ({} if seen == NEVER else {":seen": to_milliseconds(seen)}),
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def closing_moments(table: Table) -> Mapping[str, datetime]:
    """Q2: when every petition closes, by slug, for functions that render nothing."""
    items = table.items_of(keys.PETITIONS, attributes=[keys.PK, keys.SK, "closes_on", "closed_at"])
    return dict(validation.validated(items, _closing_moment))


def _closing_moment(item: Item) -> tuple[str, datetime]:
    last_day = date.fromisoformat(item["closes_on"])
    return item[keys.SK], closing_moment(last_day, petition_items.closed_at(item))


def last_look(table: Table) -> LastLook:
    """Q31: when all public figures were looked at last; never before the first time."""
    item = table.find(keys.last_look()) or {}
    at = item.get("looked_at", 0)
    return LastLook(at=to_moment(at) if _is_moment(at) else NEVER, busy=item.get("busy") is True)


def save_last_look(table: Table, look: LastLook) -> None:
    """Q31: store that all public figures were looked at."""
    table.put(keys.last_look(), {"looked_at": to_milliseconds(look.at), "busy": look.busy})


def from_item(item: Item) -> PublicFigures:
    """The public figures of a tally's item, whose attributes are readable."""
    return PublicFigures(count=item.get(_COUNT, 0), countries=item.get(_COUNTRIES, {}))


def is_readable(name: str, value: Any) -> bool:
    """Whether this is an attribute of public figures, as this module writes it."""
    if name == _COUNTRIES:
        return isinstance(value, dict) and all(
            code in COUNTRIES and _is_number(figure) for code, figure in value.items()
        )
    if name in (SINCE, LOOKED_AT):
        return _is_moment(value)
    return name == _COUNT and _is_number(value)


def _is_moment(value: Any) -> bool:
    return _is_number(value) and bool(value < _END_OF_TIME)


def _is_number(value: Any) -> bool:
    # A bool is an int, too.
    return type(value) is int and value >= 0
