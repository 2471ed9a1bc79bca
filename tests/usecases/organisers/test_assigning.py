"""Roles: who gives them, who keeps them, and what happens at once."""

from typing import Any

import pytest

from chalicelib.domain.errors import InvalidForm, Unavailable
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import memberships, trail
from chalicelib.usecases.organisers import assigning, inviting
from chalicelib.usecases.organisers.assigning import NotASteward
from tests import desk_accounts, faults
from tests.faults import AwsCalls
from tests.world import World


def roles_of(world: World, name: str, slug: str = "open-door") -> frozenset[Role]:
    return assigning.roles_on(world.services, slug, desk_accounts.id_of(name))


def change(world: World, by: str, of: str, roles: set[Role]) -> None:
    assigning.change_roles(
        world.services,
        by=desk_accounts.add(world, by).actor,
        slug="open-door",
        organiser=desk_accounts.add(world, of),
        roles=roles,
    )


@pytest.fixture
def two_stewards(world: World) -> World:
    desk_accounts.add(world, "Hanna", "open-door", [Role.STEWARD])
    desk_accounts.add(world, "Maria", "open-door", [Role.STEWARD])
    return world


def test_a_steward_gives_and_takes_roles(two_stewards: World) -> None:
    change(two_stewards, "Hanna", "Maria", {Role.EDITOR, Role.SENDER})
    assert roles_of(two_stewards, "Maria") == {Role.EDITOR, Role.SENDER}

    change(two_stewards, "Hanna", "Maria", set())

    assert roles_of(two_stewards, "Maria") == frozenset()
    assert assigning.slugs_of(two_stewards.services, desk_accounts.id_of("Maria")) == []
    lines = trail.all_of(two_stewards.services.organisers, "open-door")
    assert [(line.act, line.detail) for line in lines] == [
        (Act.CHANGE_ROLES, "Maria: editor, sender"),
        (Act.REMOVE, "Maria"),
    ]


@pytest.mark.parametrize("roles", [set(), {Role.VIEWER, Role.EXPORTER}])
def test_the_last_steward_stays(world: World, roles: set[Role]) -> None:
    desk_accounts.add(world, "Hanna", "open-door", [Role.STEWARD])

    with pytest.raises(InvalidForm):
        change(world, "Hanna", "Hanna", roles)

    assert roles_of(world, "Hanna") == {Role.STEWARD}


def test_somebody_who_was_only_invited_is_no_steward_to_rely_on(world: World) -> None:
    hanna = desk_accounts.add(world, "Hanna", "open-door", [Role.STEWARD])
    inviting.invite(
        world.services,
        by=hanna.actor,
        name="Maria",
        email="maria@example.org",
        slug="open-door",
        roles={Role.STEWARD},
    )

    with pytest.raises(InvalidForm):
        change(world, "Hanna", "Hanna", set())


def test_two_stewards_who_remove_each_other_leave_one(
    two_stewards: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = memberships.save

    def save_while_maria_acts(*arguments: object) -> None:
        monkeypatch.undo()
        change(two_stewards, "Maria", "Hanna", set())
        real(*arguments)

    monkeypatch.setattr(memberships, "save", save_while_maria_acts)
    with pytest.raises(NotASteward):
        change(two_stewards, "Hanna", "Maria", set())

    assert roles_of(two_stewards, "Hanna") == frozenset()
    assert roles_of(two_stewards, "Maria") == {Role.STEWARD}


def test_two_changes_at_once_both_happen(
    two_stewards: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk_accounts.add(two_stewards, "Olga", "open-door", [Role.VIEWER])
    real: Any = memberships.save

    def save_while_maria_acts(*arguments: object) -> None:
        monkeypatch.undo()
        change(two_stewards, "Maria", "Olga", {Role.EDITOR})
        real(*arguments)

    monkeypatch.setattr(memberships, "save", save_while_maria_acts)
    change(two_stewards, "Hanna", "Maria", {Role.VIEWER})

    assert roles_of(two_stewards, "Olga") == {Role.EDITOR}
    assert roles_of(two_stewards, "Maria") == {Role.VIEWER}


def test_an_invitation_that_is_refused_does_not_stand_in_the_trail_as_done(world: World) -> None:
    hanna = desk_accounts.add(world, "Hanna", "open-door", [Role.VIEWER])

    with pytest.raises(NotASteward):
        inviting.invite(
            world.services,
            by=hanna.actor,
            name="Maria",
            email="maria@example.org",
            slug="open-door",
            roles={Role.STEWARD},
        )

    lines = trail.all_of(world.services.organisers, "open-door")
    assert [(line.act, line.refused) for line in lines] == [
        (Act.INVITE, False),
        (Act.INVITE, True),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STEWARD])
def test_nobody_else_gives_roles(world: World, role: Role) -> None:
    desk_accounts.add(world, "Hanna", "open-door", [role])

    with pytest.raises(NotASteward):
        change(world, "Hanna", "Hanna", {Role.STEWARD})

    assert roles_of(world, "Hanna") == {role}


def test_a_steward_of_another_petition_is_a_stranger(world: World) -> None:
    desk_accounts.add(world, "Hanna", "other", [Role.STEWARD])

    with pytest.raises(NotASteward):
        change(world, "Hanna", "Hanna", {Role.STEWARD})


def test_colleagues_are_those_of_ones_other_petitions(world: World) -> None:
    desk_accounts.add(world, "Hanna", "open-door", [Role.STEWARD])
    desk_accounts.add(world, "Hanna", "other", [Role.VIEWER])
    desk_accounts.add(world, "Maria", "other", [Role.STEWARD])
    desk_accounts.add(world, "Olga", "third", [Role.STEWARD])

    found = assigning.list_colleagues(world.services, "open-door", desk_accounts.id_of("Hanna"))

    assert [one.name for one in found] == ["Maria"]


def test_a_change_that_a_fault_hits_can_be_made_again(two_stewards: World) -> None:
    with (
        faults.recorded(AwsCalls(at="dynamodb.TransactWriteItems")),
        pytest.raises(Unavailable),
    ):
        change(two_stewards, "Hanna", "Maria", {Role.VIEWER})
    assert roles_of(two_stewards, "Maria") == {Role.STEWARD}

    change(two_stewards, "Hanna", "Maria", {Role.VIEWER})

    assert roles_of(two_stewards, "Maria") == {Role.VIEWER}
