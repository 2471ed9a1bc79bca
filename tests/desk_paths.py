"""The paths of the desk with their variables filled in, for tests that find routes themselves."""

from collections.abc import Mapping
from typing import Final

from tests import desk_accounts

VALUES: Final[Mapping[str, str]] = {
    "slug": "open-door",
    "language": "be",
    "name": "first-news",
    "number": "1",
    "job": "0" * 32,
    "token": "A" * 40,
    "organiser": desk_accounts.id_of("Vera"),
}
"""A value for every name that a variable may have."""


def filled(path: str, **values: str) -> str:
    """The path of a route with values in place of its variables."""
    return path.format(**{**VALUES, **values})
