"""Mailed links: used once, by whoever they were made for, and by nobody who has only half."""

from contextlib import suppress
from typing import Any

import pytest

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain.errors import InvalidForm, NotFound, Unavailable
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import LINK_LIFETIME, MAX_CODE_TRIES, Session
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import accounts, registered_passkeys, trail
from chalicelib.usecases.organisers import (
    entering,
    inviting,
    joining,
    keeping_accounts,
    registering,
)
from chalicelib.usecases.organisers.joining import LinkOver, WrongRecoveryCode
from tests import faults
from tests.faults import AwsCalls, Crash, Fault, first_of_each_run
from tests.usecases.organisers.conftest import Person, invite, mailed_token
from tests.world import World


def acts(world: World) -> list[str]:
    return [entry.act for entry in trail.all_of(world.services.organisers, "open-door")]


def recover(world: World, person: Person, *, with_code: bool = True) -> str:
    """A steward starts the recovery of the account; the token of its mail."""
    session = person.enter().session
    organiser = accounts.get(world.services.organisers, session.organiser_id)
    inviting.start_recovery(
        world.services, by=OPERATOR, slug="open-door", organiser=organiser, with_code=with_code
    )
    world.deliver_all()
    return mailed_token(world)


def print_code(world: World, person: Person) -> str:
    return keeping_accounts.make_recovery_code(world.services, person.enter().session)


def test_an_invitation_makes_a_passkey_and_a_session(world: World) -> None:
    invite(world)

    session = Person(world=world).join(mailed_token(world))

    assert (session.name, session.device) == ("Hanna", "a test")
    assert acts(world) == [Act.INVITE, Act.JOIN]


def test_the_mail_goes_to_the_address_that_no_table_shows(world: World) -> None:
    invite(world)

    assert [mail.to for mail in world.mails()] == ["hanna@example.org"]
    assert "example.org" not in str(world.stored_items("organisers"))


def test_the_token_is_stored_as_a_hash_only(world: World) -> None:
    organiser = invite(world)

    secret = mailed_token(world).removeprefix(organiser.id)
    assert secret not in str(world.stored_items("organisers"))


def test_looking_at_a_link_does_not_use_it_up(world: World) -> None:
    invite(world)
    token = mailed_token(world)

    for _ in range(3):
        joining.passkey_options(world.services, joining.open_link(world.services, token))

    Person(world=world).join(token)


def test_a_used_link_is_over(world: World) -> None:
    invite(world)
    token = mailed_token(world)
    Person(world=world).join(token)

    with pytest.raises(LinkOver):
        Person(world=world).join(token)


def test_two_at_once_use_a_link_once(world: World) -> None:
    organiser = invite(world)
    token = mailed_token(world)
    opened = joining.open_link(world.services, token)
    first, second = Person(world=world), Person(world=world)
    answers = [
        one.authenticator.create(joining.passkey_options(world.services, opened))
        for one in (first, second)
    ]
    real: Any = registering.verified

    def verified_while_another_joins(*arguments: object, **named: object) -> object:
        patch.undo()
        joining.join(world.services, token, answers[1], code="", device="")
        return real(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registering, "verified", verified_while_another_joins)
        with pytest.raises(LinkOver):
            joining.join(world.services, token, answers[0], code="", device="")

    [passkey] = registered_passkeys.list_passkeys(world.services.organisers, organiser.id)
    assert passkey.credential_id == second.authenticator.id


def test_who_has_entered_is_not_let_in_by_another_invitation(world: World) -> None:
    """A steward invites again while the person enters: the mailbox alone must open nothing."""
    as_read = invite(world)
    Person(world=world).join(mailed_token(world))
    inviting.invite_again(world.services, by=OPERATOR, slug="open-door", organiser=as_read)
    world.deliver_all()

    with pytest.raises(LinkOver):
        Person(world=world).join(mailed_token(world))


def test_an_old_link_is_over(world: World) -> None:
    invite(world)
    world.clock.moment += LINK_LIFETIME

    with pytest.raises(LinkOver):
        joining.open_link(world.services, mailed_token(world))


def test_a_new_link_voids_the_old_one(world: World) -> None:
    organiser = invite(world)
    old = mailed_token(world)
    inviting.invite_again(world.services, by=OPERATOR, slug="open-door", organiser=organiser)
    world.deliver_all()

    with pytest.raises(LinkOver):
        joining.open_link(world.services, old)
    Person(world=world).join(mailed_token(world))


@pytest.mark.parametrize("change", ["", "x", "0" * 80, "{id}" + "0" * 64, "0" * 16 + "{secret}"])
def test_a_guessed_link_is_over(world: World, change: str) -> None:
    organiser = invite(world)
    secret = mailed_token(world).removeprefix(organiser.id)

    with pytest.raises(LinkOver):
        joining.open_link(world.services, change.format(id=organiser.id, secret=secret))


def test_the_secret_of_one_person_opens_no_other_account(world: World) -> None:
    hanna = invite(world, "Hanna")
    secret = mailed_token(world).removeprefix(hanna.id)
    maria = invite(world, "Maria")

    with pytest.raises(LinkOver):
        joining.open_link(world.services, maria.id + secret)


def test_a_passkey_for_one_link_is_refused_with_another(world: World) -> None:
    invite(world, "Hanna")
    hannas = joining.open_link(world.services, mailed_token(world))
    invite(world, "Maria")
    answer = Person(world=world).authenticator.create(
        joining.passkey_options(world.services, hannas)
    )

    with pytest.raises(PasskeyRefused):
        joining.join(world.services, mailed_token(world), answer, code="", device="")


def test_a_known_address_is_answered_as_an_unknown_one(world: World) -> None:
    invite(world, "Hanna")
    made = []
    for email in ("hanna@example.org", "nobody@example.org"):
        with faults.recorded(AwsCalls()) as calls:
            inviting.invite(
                world.services,
                by=OPERATOR,
                name="Hanna",
                email=email,
                slug="open-door",
                roles={Role.VIEWER},
            )
        made.append(calls.made)

    assert made[0] == made[1]


def test_an_invitation_whose_mail_fails_stands(world: World) -> None:
    with faults.recorded(AwsCalls(at="sqs.SendMessage")):
        invited = inviting.invite(
            world.services,
            by=OPERATOR,
            name="Hanna",
            email="hanna@example.org",
            slug="open-door",
            roles={Role.STEWARD},
        )

    assert not invited.mailed
    assert accounts.find(world.services.organisers, invited.organiser.id)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_link_lets_somebody_in_or_still_works_after_any_fault(world: World, fault: Fault) -> None:
    """Each call of a join fails once: afterwards the same person can get in, one way or other."""
    _, token, answer = answered_invitation(world, "Olga")
    with faults.recorded(AwsCalls()) as calls:
        joining.join(world.services, token, answer, code="", device="")

    for place in first_of_each_run(calls.made):
        name = f"Maria{place}"
        person, token, answer = answered_invitation(world, name)
        with (
            faults.recorded(AwsCalls(at=place, fault=fault)) as broken,
            suppress(Unavailable, Crash),
        ):
            joining.join(world.services, token, answer, code="", device="")
        assert broken.at == -1, "the fault did not happen"
        try:
            assert person.enter().session.name == name
        except PasskeyRefused:
            assert person.join(token).name == name


def answered_invitation(world: World, name: str) -> tuple[Person, str, str]:
    """Somebody invited, the token of their link, and what their passkey answers."""
    invite(world, name)
    token, person = mailed_token(world), Person(world=world)
    options = joining.passkey_options(world.services, joining.open_link(world.services, token))
    return person, token, person.authenticator.create(options)


def test_neither_mailbox_nor_paper_alone_recovers_an_account(world: World, person: Person) -> None:
    code = print_code(world, person)
    token = recover(world, person)

    with pytest.raises(WrongRecoveryCode):
        Person(world=world).join(token)
    with pytest.raises(LinkOver):
        Person(world=world).join("0" * 80, code=code)
    assert Person(world=world).join(token, code=code).name == "Hanna"


def test_a_recovery_ends_passkeys_sessions_and_code(world: World, person: Person) -> None:
    code = print_code(world, person)
    token = recover(world, person)
    cookie = person.enter().cookie
    world.clock.advance(seconds=1)

    new = Person(world=world)
    session = new.join(token, code=code.lower().replace("-", " "))

    assert entering.find_session(world.services, cookie) is None
    with pytest.raises(PasskeyRefused):
        person.enter()
    assert new.enter().session.organiser_id == session.organiser_id
    with pytest.raises(InvalidForm):
        recover(world, new)
    assert acts(world)[-2:] == [Act.START_RECOVERY, Act.RECOVER]


def new_passkey(thief: Person, session: Session) -> str:
    """What a thief's browser answers who adds a passkey in the session of another person."""
    options = keeping_accounts.passkey_options(thief.world.services, session)
    return thief.authenticator.create(options)


def test_no_passkey_that_is_added_at_the_same_moment_outlives_a_recovery(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, token = print_code(world, person), recover(world, person)
    session, thief, owner = person.enter().session, Person(world=world), Person(world=world)
    stolen = new_passkey(thief, session)
    real: Any = registering.verified

    def verified_while_the_owner_recovers(*arguments: object, **named: object) -> object:
        monkeypatch.undo()
        owner.join(token, code=code)
        return real(*arguments, **named)

    monkeypatch.setattr(registering, "verified", verified_while_the_owner_recovers)
    with pytest.raises(PasskeyRefused):
        keeping_accounts.add_passkey(world.services, session, stolen, label="Mine")

    with pytest.raises(PasskeyRefused, match="ended"):
        keeping_accounts.add_passkey(world.services, session, stolen, label="Mine")
    with pytest.raises(PasskeyRefused, match="unknown"):
        thief.enter()
    assert owner.enter().session.name == "Hanna"


def test_a_recovery_that_meets_a_new_passkey_is_done_again(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, token = print_code(world, person), recover(world, person)
    session, thief, owner = person.enter().session, Person(world=world), Person(world=world)
    stolen = new_passkey(thief, session)
    real: Any = registered_passkeys.list_passkeys

    def list_before_the_thief_adds(*arguments: Any) -> object:
        monkeypatch.undo()
        listed = real(*arguments)
        keeping_accounts.add_passkey(world.services, session, stolen, label="Mine")
        return listed

    monkeypatch.setattr(registered_passkeys, "list_passkeys", list_before_the_thief_adds)
    with pytest.raises(LinkOver):
        owner.join(token, code=code)
    owner.join(token, code=code)

    with pytest.raises(PasskeyRefused, match="unknown"):
        thief.enter()


def test_wrong_codes_void_the_link(world: World, person: Person) -> None:
    code = print_code(world, person)
    token = recover(world, person)
    for _ in range(MAX_CODE_TRIES):
        with pytest.raises(WrongRecoveryCode):
            Person(world=world).join(token, code="ABCD")

    with pytest.raises(LinkOver):
        Person(world=world).join(token, code=code)
    person.enter()


def test_a_replaced_code_is_void(world: World, person: Person) -> None:
    old = print_code(world, person)
    new = print_code(world, person)
    token = recover(world, person)

    with pytest.raises(WrongRecoveryCode):
        Person(world=world).join(token, code=old)
    Person(world=world).join(token, code=new)


def test_without_a_code_only_an_operator_recovers(world: World, person: Person) -> None:
    with pytest.raises(InvalidForm):
        recover(world, person)

    assert Person(world=world).join(recover(world, person, with_code=False)).name == "Hanna"


def test_who_has_not_entered_has_nothing_to_recover(world: World) -> None:
    organiser = invite(world)

    with pytest.raises(InvalidForm):
        inviting.start_recovery(world.services, by=OPERATOR, slug="open-door", organiser=organiser)


@pytest.mark.parametrize(
    ("name", "email", "roles", "wrong"),
    [
        ("", "hanna@example.org", {Role.VIEWER}, "name"),
        ("x" * 61, "hanna@example.org", {Role.VIEWER}, "name"),
        ("Han\u202ena", "hanna@example.org", {Role.VIEWER}, "name"),
        ("Hanna", "hanna", {Role.VIEWER}, "email"),
        ("Hanna", "hanna@example.org", set(), "roles"),
    ],
)
def test_a_wrong_invitation_says_what_is_wrong(
    world: World, name: str, email: str, roles: set[Role], wrong: str
) -> None:
    with pytest.raises(InvalidForm) as raised:
        inviting.invite(
            world.services, by=OPERATOR, name=name, email=email, slug="open-door", roles=roles
        )

    assert list(raised.value.errors) == [wrong]
    assert not world.stored_items("organisers")


def test_the_last_passkey_stays(world: World, person: Person) -> None:
    session = person.enter().session

    with pytest.raises(InvalidForm):
        keeping_accounts.remove_passkey(world.services, session, person.authenticator.id)

    person.enter()


def test_a_second_passkey_enters_the_same_account(world: World, person: Person) -> None:
    session = person.enter().session
    second = Person(world=world)
    options = keeping_accounts.passkey_options(world.services, session)
    assert [one["id"] for one in options["excludeCredentials"]] == [person.authenticator.id]

    answer = second.authenticator.create(options)
    keeping_accounts.add_passkey(world.services, session, answer, label="The blue key")
    keeping_accounts.remove_passkey(world.services, session, person.authenticator.id)

    assert second.enter().session.organiser_id == session.organiser_id
    with pytest.raises(PasskeyRefused):
        person.enter()


def test_two_removals_at_once_leave_a_passkey(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = person.enter().session
    second = Person(world=world)
    answer = second.authenticator.create(keeping_accounts.passkey_options(world.services, session))
    keeping_accounts.add_passkey(world.services, session, answer, label="Second")
    real: Any = registered_passkeys.list_passkeys

    def list_while_another_removes(*arguments: object) -> object:
        own = real(*arguments)
        monkeypatch.undo()
        keeping_accounts.remove_passkey(world.services, session, person.authenticator.id)
        return own

    monkeypatch.setattr(registered_passkeys, "list_passkeys", list_while_another_removes)
    with pytest.raises(InvalidForm):
        keeping_accounts.remove_passkey(world.services, session, second.authenticator.id)

    second.enter()


def test_an_account_that_is_gone_has_no_page(world: World, person: Person) -> None:
    session = person.enter().session
    for item in world.stored_items("organisers"):
        if item["pk"] == "organiser":
            world.services.organisers.delete({"pk": item["pk"], "sk": item["sk"]})

    with pytest.raises(NotFound):
        keeping_accounts.get(world.services, session)
