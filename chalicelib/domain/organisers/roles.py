"""What organisers may do with a petition: each has a set of roles on it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role of an organiser on a petition."""

    VIEWER = "viewer"
    EDITOR = "editor"
    SENDER = "sender"
    EXPORTER = "exporter"
    STEWARD = "steward"


class Permission(StrEnum):
    """What a page of the desk requires. STEWARD covers roles, keys, switches, opening, closing."""

    VIEW = "view"
    EDIT = "edit"
    WRITE_UPDATES = "write updates"
    SEND = "send"
    EXPORT = "export"
    STEWARD = "steward"


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.EDITOR: frozenset({Permission.VIEW, Permission.EDIT, Permission.WRITE_UPDATES}),
    Role.SENDER: frozenset({Permission.VIEW, Permission.WRITE_UPDATES, Permission.SEND}),
    Role.EXPORTER: frozenset({Permission.VIEW, Permission.EXPORT}),
    Role.STEWARD: frozenset(Permission),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """What somebody with these roles may do."""
    return frozenset[Permission]().union(*(PERMISSIONS[role] for role in roles))


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether somebody with these roles has the permission."""
    return permission in permissions_of(roles)
