"""Withdrawing: the signature and the news end together."""

import pytest

from tests.faults import Calls, Fault, watched
from tests.world import Crash, World


def ask(world: World, email: str = "hanna@example.org") -> None:
    world.post("/en/open-door/withdraw", {"email": email})
    world.settle()


def test_withdrawing_ends_the_news_as_well(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    ask(world)

    world.post(world.link(), {})

    assert world.unsealed() == []
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_who_only_has_news_can_end_it_by_the_same_form(world: World) -> None:
    world.post("/en/open-door/subscribe", {"email": "hanna@example.org"})
    world.settle()
    world.post(world.link(), {})
    ask(world)

    world.post(world.link(), {})

    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_an_old_confirmation_link_says_that_it_has_been_used(world: World, language: str) -> None:
    world.sign(language=language)
    world.settle()
    confirmation = world.link()
    world.post(confirmation, {})
    world.clock.advance(minutes=1)
    ask(world)
    world.post(world.link(), {})

    answer = world.post(confirmation, {})
    world.settle()

    assert answer.status_code == 410
    assert world.count() == 0


def test_an_old_link_promises_no_news_to_who_has_left_it(world: World) -> None:
    world.post("/en/open-door/subscribe", {"email": "hanna@example.org"})
    world.settle()
    confirmation = world.link()
    world.post(confirmation, {})
    world.clock.advance(minutes=1)
    ask(world)
    world.post(world.link(), {})

    answer = world.post(confirmation, {})

    assert answer.status_code == 410
    assert "stays ended" in answer.body.decode()


def test_a_crash_between_signature_and_news_is_mended_by_a_second_click(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    ask(world)
    link = world.link()
    second_write = Calls(at=1, fault=Fault.KILLED_BEFORE)
    with pytest.raises(Crash), watched(second_write):
        world.post(link, {})
    after_crash = [item["state"] for item in world.subscriptions()]

    world.post(link, {})

    assert after_crash == ["active"]
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]
