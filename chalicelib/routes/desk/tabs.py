"""The parts of a petition at the desk, as tabs: those that an organiser may open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

_PETITION: Final = "/desk/petitions/{slug}"
_GROUPS: Final = {
    "Overview": {"": "Overview"},
    "Text": {"write": "Text"},
    "Updates": {"updates": "Updates"},
    "Signatures": {"signatures": "Lists", "held": "Held", "hand-in": "Hand-in"},
    "Settings": {
        "people": "People",
        "keys": "Keys",
        "switches": "Switches",
        "trail": "Trail",
        "end": "Close or delete",
    },
}
"""The parts by their last word in the path, under the name of the tab that they share."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tab:
    """A link to a part of the petition, or to the first of several that share a tab."""

    label: str
    href: str
    current: bool


def tabs_of(
    slug: str, resource: str, allowed: Collection[str]
) -> tuple[Sequence[Tab], Sequence[Tab]]:
    """The tabs of a petition, and the parts within the current tab if there are several.

    `resource` is the route that answers, and `allowed` the routes that the organiser may open.
    """
    current = resource.removeprefix(_PETITION).strip("/").partition("/")[0]
    tabs: list[Tab] = []
    parts: list[Tab] = []
    for label, group in _GROUPS.items():
        open_parts = [part for part in group if _resource(part) in allowed]
        if not open_parts:
            continue
        tabs.append(Tab(label=label, href=_path(slug, open_parts[0]), current=current in group))
        if current in group and len(open_parts) > 1:
            parts = [
                Tab(label=group[part], href=_path(slug, part), current=part == current)
                for part in open_parts
            ]
    return tabs, parts


def name_of(part: str, allowed: Collection[str]) -> str:
    """The name of the part that a path below a petition's lies in; "" if it may not be opened."""
    word = part.partition("/")[0]
    names = {each: name for group in _GROUPS.values() for each, name in group.items()}
    return names[word] if _resource(word) in allowed else ""


def _resource(part: str) -> str:
    return f"{_PETITION}/{part}" if part else _PETITION


def _path(slug: str, part: str) -> str:
    return _resource(part).format(slug=slug)
