"""The roles in forms: what each means, and which are chosen."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.organisers.roles import Role

ROLES: Final = {
    Role.VIEWER: "sees figures, updates, people and the trail",
    Role.EDITOR: "writes and translates the text and updates",
    Role.SENDER: "mails updates",
    Role.EXPORTER: "asks for the list of signatures; to open it takes a key, too: see Keys",
    Role.STEWARD: "may do everything: roles, keys, switches, opening, closing, deleting",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RoleChoice:
    """A role in a form."""

    role: str
    meaning: str
    chosen: bool


def chosen(fields: Mapping[str, str]) -> frozenset[Role]:
    """The roles that were chosen in a form."""
    return frozenset(role for role in Role if fields.get(f"role-{role}"))


def choices(held: AbstractSet[Role]) -> Sequence[RoleChoice]:
    """Every role, and whether it is held."""
    return [
        RoleChoice(role=role, meaning=meaning, chosen=role in held)
        for role, meaning in ROLES.items()
    ]
