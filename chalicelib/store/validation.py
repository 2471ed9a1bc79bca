"""Validates what is read from the table of petitions, as if an attacker had written it.

HTML is sanitised, other texts lose line breaks, and all lose what `plain_text` forbids. What
publishing writes passes unchanged, so each change is logged.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from chalicelib.domain import plain_text
from chalicelib.domain.petitions.petition import LANGUAGE, SLUG
from chalicelib.rendering import sanitiser
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.keys import PK, SK

log = logging.getLogger(__name__)

Value = TypeVar("Value")


def validated(items: Iterable[Item], parse: Callable[[Item], Value]) -> Iterator[Value]:
    """The values that `parse` makes of items with clean texts.

    An item without the attributes and types that `parse` needs is left out, and one for which it
    raises ValueError.
    """
    for item in items:
        clean = {name: _clean(name, value) for name, value in item.items()}
        try:
            value = parse(clean)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            log.error("item %s of %s was not written by publishing: refused", item[SK], item[PK])
            continue
        if clean != item:
            log.warning("item %s of %s was not written by publishing: cleaned", item[SK], item[PK])
        yield value


def check_path(*names: str, languages: Sequence[str]) -> None:
    """Raise ValueError unless names and languages can be parts of a path, and there are some."""
    if not (
        languages and all(map(SLUG.fullmatch, names)) and all(map(LANGUAGE.fullmatch, languages))
    ):
        raise ValueError


def _clean(name: str, value: Any) -> Any:
    """The value of an attribute, or of a part of one, with clean texts."""
    if isinstance(value, Mapping):
        return {part: _clean(part, inner) for part, inner in value.items()}
    if isinstance(value, list):
        return [_clean(name, part) for part in value]
    if not isinstance(value, str):
        return value
    if name == "html" or name.endswith("_html"):
        return sanitiser.clean(value)
    return plain_text.printable(value) if name == "text" else plain_text.one_line(value)
