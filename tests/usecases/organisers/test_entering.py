"""Passkeys, challenges and sessions: what is believed, and for how long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.crypto import challenges, passkeys
from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain.organisers.organiser import ABSOLUTE, IDLE, TOUCH
from chalicelib.store.organisers import registered_passkeys
from chalicelib.usecases.organisers import entering
from tests import faults
from tests.authenticator import Authenticator
from tests.faults import AwsCalls
from tests.usecases.organisers.conftest import Person
from tests.world import World


def try_to_enter(person: Person, **client_data: str) -> entering.Entered:
    options = entering.entry_options(person.world.services)
    answer = person.authenticator.get(options, **client_data)
    return entering.enter(person.world.services, answer, device="")


def test_a_passkey_begins_a_session(world: World, person: Person) -> None:
    entered = person.enter()

    session = entering.find_session(world.services, entered.cookie)
    assert session
    assert (session.name, session.device) == ("Hanna", "a test")
    assert session.is_touched(world.clock.now())


def test_each_entry_has_a_new_id_and_no_table_has_the_cookie(world: World, person: Person) -> None:
    first, second = person.enter(), person.enter()

    assert first.cookie != second.cookie
    secret = first.cookie.partition(".")[2]
    assert secret not in str(world.stored_items("organisers"))


def test_a_challenge_is_spent_once(world: World, person: Person) -> None:
    answer = person.authenticator.get(entering.entry_options(world.services))
    entering.enter(world.services, answer, device="")

    with pytest.raises(PasskeyRefused, match="spent"):
        entering.enter(world.services, answer, device="")


def test_a_challenge_is_short(world: World, person: Person) -> None:
    answer = person.authenticator.get(entering.entry_options(world.services))
    world.clock.advance(seconds=challenges.LIFETIME.total_seconds() + 1)

    with pytest.raises(PasskeyRefused, match="ExpiredToken"):
        entering.enter(world.services, answer, device="")


def test_a_challenge_of_a_touch_lets_nobody_in(world: World, person: Person) -> None:
    session = person.enter().session
    answer = person.authenticator.get(entering.touch_options(world.services, session))

    with pytest.raises(PasskeyRefused, match="BrokenToken"):
        entering.enter(world.services, answer, device="")


@pytest.mark.parametrize("challenge", ["", "AAAA", "A" * 80, "Ag" * 36])
def test_a_made_up_challenge_is_refused(person: Person, challenge: str) -> None:
    with pytest.raises(PasskeyRefused):
        try_to_enter(person, challenge=challenge)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://zaklik.example.evil.org"},
        {"origin": "http://zaklik.example"},
        {"origin": "https://sub.zaklik.example"},
        {"rp_id": "evil.org"},
        {"verified": False},
    ],
)
def test_another_origin_or_host_or_an_unverified_user_is_refused(
    person: Person, change: dict[str, Any]
) -> None:
    person.authenticator = replace(person.authenticator, **change)

    with pytest.raises(PasskeyRefused):
        try_to_enter(person)


def test_an_answer_of_a_registration_is_no_sign_in(person: Person) -> None:
    with pytest.raises(PasskeyRefused):
        try_to_enter(person, type="webauthn.create")


def test_a_signature_of_another_key_is_refused(person: Person) -> None:
    person.authenticator = replace(person.authenticator, key=Authenticator().key)

    with pytest.raises(PasskeyRefused, match="signature"):
        try_to_enter(person)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "{" * 9, "[" * 9_000, "x" * 20_000])
def test_what_is_no_answer_is_refused(world: World, answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        entering.enter(world.services, answer, device="")


@pytest.mark.parametrize("handle", ["", "AAAA", "é", "a" * 3000])
def test_an_odd_handle_reaches_no_table(world: World, person: Person, handle: str) -> None:
    person.authenticator.user_handle = passkeys.to_base64url(handle.encode())

    with faults.recorded(AwsCalls()) as calls, pytest.raises(PasskeyRefused):
        try_to_enter(person)

    assert calls.made == []


def test_a_counter_that_does_not_rise_is_a_copy(world: World, person: Person) -> None:
    person.authenticator.counts = True
    person.enter()
    person.enter()
    person.authenticator.counter = 1

    with pytest.raises(PasskeyRefused, match="counter"):
        try_to_enter(person)


def test_a_passkey_without_a_counter_may_be_used_often(person: Person) -> None:
    assert person.enter().cookie != person.enter().cookie


def test_an_unknown_passkey_and_a_wrong_signature_take_the_same_calls(
    world: World, person: Person
) -> None:
    """So nothing but the signature's own time tells whether an id is known."""
    wrong = replace(person.authenticator, key=Authenticator().key)
    stranger = Authenticator(user_handle=passkeys.to_base64url(b"0" * 16))
    options = entering.entry_options(world.services)
    made = []

    for one in (wrong, stranger):
        answer = one.get(options)
        with faults.recorded(AwsCalls()) as calls, pytest.raises(PasskeyRefused):
            entering.enter(world.services, answer, device="")
        made.append(calls.made)

    assert made[0] == made[1] == ["dynamodb.BatchGetItem"]


def test_a_session_ends_when_it_rests(world: World, person: Person) -> None:
    cookie = person.enter().cookie
    world.clock.moment += IDLE
    assert entering.find_session(world.services, cookie)

    world.clock.moment += IDLE + timedelta(seconds=1)

    assert entering.find_session(world.services, cookie) is None


def test_a_session_that_is_used_ends_after_half_a_day(world: World, person: Person) -> None:
    cookie, started = person.enter().cookie, world.clock.now()
    while world.clock.now() < started + ABSOLUTE - IDLE:
        world.clock.moment += IDLE
        assert entering.find_session(world.services, cookie)

    world.clock.moment = started + ABSOLUTE + timedelta(seconds=1)

    assert entering.find_session(world.services, cookie) is None


def test_a_session_is_noted_at_most_once_a_minute(world: World, person: Person) -> None:
    cookie = person.enter().cookie
    world.clock.advance(seconds=61)

    with faults.recorded(AwsCalls()) as calls:
        entering.find_session(world.services, cookie)
        entering.find_session(world.services, cookie)

    assert calls.made == ["dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.BatchGetItem"]


def test_a_page_is_read_although_its_session_cannot_be_noted(world: World, person: Person) -> None:
    cookie = person.enter().cookie
    world.clock.advance(seconds=61)

    with faults.recorded(AwsCalls(at="dynamodb.UpdateItem")):
        assert entering.find_session(world.services, cookie)


def test_a_session_that_was_ended_stays_ended(world: World, person: Person) -> None:
    entered = person.enter()
    session = entered.session

    entering.end_session(world.services, session.organiser_id, session.id)

    assert entering.find_session(world.services, entered.cookie) is None
    answer = person.authenticator.get(entering.touch_options(world.services, session))
    with pytest.raises(PasskeyRefused, match="ended"):
        entering.touch(world.services, session, answer)
    assert entering.find_session(world.services, entered.cookie) is None


def test_all_sessions_end_at_once(world: World, person: Person) -> None:
    cookies = [person.enter().cookie, person.enter().cookie]

    entering.end_all_sessions(world.services, person.enter().session.organiser_id)

    assert [entering.find_session(world.services, cookie) for cookie in cookies] == [None, None]
    assert entering.find_session(world.services, person.enter().cookie)


def test_a_session_that_begins_while_all_end_is_over(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the machine that begins it has a clock that goes ahead."""
    organiser_id = person.enter().session.organiser_id
    real: Any = registered_passkeys.mark_used

    def mark_used_while_all_end(*arguments: object, **named: object) -> object:
        used = real(*arguments, **named)
        entering.end_all_sessions(world.services, organiser_id)
        world.clock.advance(seconds=1)
        return used

    monkeypatch.setattr(registered_passkeys, "mark_used", mark_used_while_all_end)
    cookie = person.enter().cookie

    assert entering.find_session(world.services, cookie) is None


@pytest.mark.parametrize("change", [str.upper, lambda cookie: cookie[:-1] + "_", lambda _: "."])
def test_a_changed_cookie_is_no_session(world: World, person: Person, change: Any) -> None:
    assert entering.find_session(world.services, change(person.enter().cookie)) is None


def test_a_touch_is_fresh_for_some_minutes(world: World, person: Person) -> None:
    entered = person.enter()
    world.clock.moment += TOUCH + timedelta(seconds=1)
    session = entering.find_session(world.services, entered.cookie)
    assert session
    assert not session.is_touched(world.clock.now())

    answer = person.authenticator.get(entering.touch_options(world.services, session))
    entering.touch(world.services, session, answer)

    touched = entering.find_session(world.services, entered.cookie)
    assert touched
    assert touched.is_touched(world.clock.now())
    with pytest.raises(PasskeyRefused, match="spent"):
        entering.touch(world.services, session, answer)


def test_a_touch_of_another_session_is_no_touch(world: World, person: Person) -> None:
    mine, other = person.enter().session, person.enter().session
    answer = person.authenticator.get(entering.touch_options(world.services, other))

    with pytest.raises(PasskeyRefused, match="BrokenToken"):
        entering.touch(world.services, mine, answer)


def test_a_removed_passkey_lets_nobody_in(world: World, person: Person) -> None:
    session = person.enter().session
    [passkey] = registered_passkeys.list_passkeys(world.services.organisers, session.organiser_id)
    world.services.organisers.transact([registered_passkeys.deleting_passkey(passkey)])

    with pytest.raises(PasskeyRefused, match="unknown"):
        try_to_enter(person)
