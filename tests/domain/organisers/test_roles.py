"""Roles: what each may do."""

import pytest

from chalicelib.domain.organisers import roles
from chalicelib.domain.organisers.roles import Permission, Role


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {Permission.VIEW}),
        (Role.EDITOR, {Permission.VIEW, Permission.EDIT, Permission.WRITE_UPDATES}),
        (Role.SENDER, {Permission.VIEW, Permission.SEND, Permission.WRITE_UPDATES}),
        (Role.EXPORTER, {Permission.VIEW, Permission.EXPORT}),
        (Role.STEWARD, set(Permission)),
    ],
)
def test_a_role_may_do_its_own_work_and_no_other(role: Role, allowed: set[Permission]) -> None:
    assert roles.permissions_of([role]) == allowed


def test_permissions_of_several_roles_add_up() -> None:
    both = [Role.EDITOR, Role.SENDER]

    assert roles.permissions_of(both) == set(Permission) - {Permission.EXPORT, Permission.STEWARD}
    assert not roles.may(both, Permission.EXPORT)


def test_no_role_may_do_nothing() -> None:
    assert not roles.permissions_of([])
