"""Invitations of people who have an account: they keep that one, and nobody learns of it before."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import LINK_LIFETIME, Session
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import accounts, desk_links, trail
from chalicelib.usecases.organisers import accepting, assigning, entering, inviting, joining
from chalicelib.usecases.organisers.joining import LinkOver
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.usecases.organisers.conftest import Person, mailed_token
from tests.world import World

OTHER = "other-door"


def invited(world: World, slug: str = OTHER, email: str = "hanna@example.org") -> str:
    """Somebody is invited as an editor; the token of the mailed link."""
    inviting.invite(
        world.services, by=OPERATOR, name="Anna", email=email, slug=slug, roles={Role.EDITOR}
    )
    world.deliver_all()
    return mailed_token(world)


def accept(world: World, person: Person, token: str) -> Session:
    opened = accepting.open_invitation(world.services, token)
    answer = person.authenticator.get(accepting.passkey_options(world.services, opened))
    return accepting.accept(world.services, token, answer, device="a test").session


def number_of_accounts(world: World) -> int:
    return len(accounts.list_all(world.services.organisers))


def roles(world: World, session: Session, slug: str = OTHER) -> set[Role]:
    return set(assigning.roles_on(world.services, slug, session.organiser_id))


def test_the_petition_joins_those_of_the_account_that_signs_in(
    world: World, person: Person
) -> None:
    session = accept(world, person, invited(world))

    assert session.name == "Hanna"
    assert roles(world, session) == {Role.EDITOR}
    assert set(assigning.slugs_of(world.services, session.organiser_id)) == {"open-door", OTHER}


def test_no_second_account_is_left(world: World, person: Person) -> None:
    accept(world, person, invited(world))

    assert number_of_accounts(world) == 1
    assert [one.organiser.name for one in assigning.list_members(world.services, OTHER)] == [
        "Hanna"
    ]


def test_roles_on_the_same_petition_are_added(world: World, person: Person) -> None:
    session = accept(world, person, invited(world, "open-door"))

    assert roles(world, session, "open-door") == {Role.STEWARD, Role.EDITOR}


def test_whoever_the_operator_lets_begin_petitions_begins_them_with_the_old_account(
    world: World, person: Person
) -> None:
    [before] = accounts.list_all(world.services.organisers)
    inviting.invite(
        world.services, by=OPERATOR, name="Anna", email="hanna@example.org", slug="", roles=set()
    )
    world.deliver_all()

    session = accept(world, person, mailed_token(world))

    after = accounts.get(world.services.organisers, session.organiser_id)
    assert (before.begins_petitions, after.begins_petitions) == (False, True)


def test_the_trail_says_who_came_and_as_whom_they_were_invited(
    world: World, person: Person
) -> None:
    accept(world, person, invited(world))

    last = trail.find_last(world.services.organisers, OTHER)
    assert last is not None
    assert (last.act, last.actor.name, last.detail) == (Act.JOIN, "Hanna", "invited as Anna")


def test_the_link_works_once_in_either_way(world: World, person: Person) -> None:
    token = invited(world)
    accept(world, person, token)

    with pytest.raises(LinkOver):
        joining.open_link(world.services, token)
    with pytest.raises(LinkOver):
        accepting.open_invitation(world.services, token)


def test_an_old_link_and_that_of_a_recovery_are_not_taken(world: World, person: Person) -> None:
    token = invited(world)
    world.clock.moment += LINK_LIFETIME
    with pytest.raises(LinkOver):
        accepting.open_invitation(world.services, token)

    organiser = accounts.get(world.services.organisers, person.enter().session.organiser_id)
    inviting.start_recovery(
        world.services, by=OPERATOR, slug="open-door", organiser=organiser, with_code=False
    )
    world.deliver_all()
    with pytest.raises(LinkOver):
        accepting.open_invitation(world.services, mailed_token(world))


def test_an_answer_to_another_question_takes_no_invitation(world: World, person: Person) -> None:
    token = invited(world)
    answer = person.authenticator.get(entering.entry_options(world.services))

    with pytest.raises(PasskeyRefused):
        accepting.accept(world.services, token, answer, device="a test")

    assert number_of_accounts(world) == 2


def test_inviting_asks_the_same_of_aws_whether_or_not_an_address_has_an_account(
    world: World, person: Person
) -> None:
    made = []
    for email in ("hanna@example.org", "nobody@example.org"):
        with recorded(AwsCalls()) as calls:
            invited(world, f"{email[:2]}-door", email)
        made.append(calls.made)

    assert made[0] == made[1]
    assert "example.org" not in str(world.stored_items("organisers"))


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.THROTTLED])
@pytest.mark.parametrize("at", range(12))
def test_what_failed_before_the_link_was_used_can_be_done_again(
    world: World, person: Person, at: int, fault: Fault
) -> None:
    token = invited(world)
    opened = accepting.open_invitation(world.services, token)
    answer = person.authenticator.get(accepting.passkey_options(world.services, opened))
    with recorded(AwsCalls(at=at, fault=fault)), pytest.raises((Crash, Unavailable)):
        accepting.accept(world.services, token, answer, device="a test")

    if number_of_accounts(world) == 2:
        accept(world, person, token)

    assert roles(world, person.enter().session) == {Role.EDITOR}
    assert number_of_accounts(world) == 1


def during(world: World, act: Callable[[], Any]) -> Any:
    """Let `act` run once, before the next transaction."""
    pending = [act]

    def run(**_: object) -> None:
        if pending:
            pending.pop()()

    return intercepted(
        world.services.organisers.client, "before-call.dynamodb.TransactWriteItems", run
    )


def test_of_two_who_use_the_link_at_once_one_gets_the_roles(world: World, person: Person) -> None:
    token = invited(world)
    sessions: list[Session] = []

    def join() -> None:
        sessions.append(Person(world=world).join(token))

    with during(world, join), pytest.raises(LinkOver):
        accept(world, person, token)

    assert roles(world, sessions[0]) == {Role.EDITOR}
    assert roles(world, person.enter().session) == set()


def test_roles_that_change_meanwhile_are_taken_as_they_are_then(
    world: World, person: Person
) -> None:
    token = invited(world)
    anna = accepting.open_invitation(world.services, token).organiser

    def change() -> None:
        assigning.change_roles(
            world.services, by=OPERATOR, slug=OTHER, organiser=anna, roles={Role.VIEWER}
        )

    with during(world, change):
        session = accept(world, person, token)

    assert roles(world, session) == {Role.VIEWER}
    assert desk_links.find(world.services.organisers, anna.id) is None
