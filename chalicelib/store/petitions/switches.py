"""Switches, as attributes of the current item of a petition: they belong to no version."""

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.petitions.switches import Switch, Switches
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table

_OFF: Final = "switched_off"
_NOTICE: Final = "notice"
_EXISTS: Final = "attribute_exists(pk)"


def get(table: Table, slug: str) -> Switches:
    """Q56: the switches of a petition, for functions that render nothing; all on without one."""
    key, attributes = keys.petition(slug), (keys.PK, keys.SK, _OFF, _NOTICE)
    return from_item(table.find_some(key, attributes, consistent=True) or {})


def mark(table: Table, slug: str, switch: Switch, *, on: bool) -> bool:
    """Q56: switch on or off. Safe to repeat. False if there is no petition."""
    return _change(
        table, slug, f"{'DELETE' if on else 'ADD'} {_OFF} :switch", {":switch": {switch}}
    )


def save_notice(table: Table, slug: str, notice: Mapping[str, str]) -> bool:
    """Q56: show this notice, or none if it is empty. False if there is no petition."""
    if not notice:
        return _change(table, slug, f"REMOVE {_NOTICE}", None)
    return _change(table, slug, f"SET {_NOTICE} = :notice", {":notice": notice})


def from_item(item: Mapping[str, Any]) -> Switches:
    """The switches of a petition's item."""
    known = frozenset(Switch) & set(item.get(_OFF, ()))
    return Switches(off=frozenset(map(Switch, known)), notice=item.get(_NOTICE, {}))


def _change(table: Table, slug: str, expression: str, values: Mapping[str, Any] | None) -> bool:
    try:
        table.update(
            keys.petition(slug),
            expression,
            condition=_EXISTS,
            values=values,
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True
