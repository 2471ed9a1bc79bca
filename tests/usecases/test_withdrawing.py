"""Links to withdraw that were mailed before people had a page of their own, and what they end."""

import pytest

from chalicelib import filing, links, tokens
from chalicelib.domain import email_address
from chalicelib.tokens import Purpose
from tests.faults import Calls, Fault, watched
from tests.world import Crash, World


def old_link(world: World, email: str = "hanna@example.org") -> str:
    """A link as it was mailed then."""
    filed = filing.filed(world.services, "open-door", email_address.parse(email))
    claims = {"slug": filed.slug, "signature": filed.signature, "subscriber": filed.subscriber}
    keys = world.services.secrets.token_keys
    return links.withdraw("en", tokens.issue(keys, Purpose.WITHDRAW, claims, world.clock.now()))


def test_the_old_form_leads_to_the_new_one(world: World) -> None:
    led = world.get("/be/open-door/withdraw")

    assert led.status_code == 303
    assert led.headers["Location"] == "/be/open-door/manage"


def test_a_form_that_was_open_before_still_mails_a_link(world: World) -> None:
    world.sign_and_confirm()

    world.post("/en/open-door/withdraw", {"email": "hanna@example.org"})
    world.settle()

    assert world.link().startswith("/en/manage/")


def test_an_old_link_still_withdraws_and_ends_the_news_as_well(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = old_link(world)

    looked = world.get(link)
    kept = len(world.unsealed())
    pressed = world.post(link, {})

    assert looked.status_code == pressed.status_code == 200
    assert kept == 1
    assert world.unsealed() == []
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_an_old_link_that_has_expired_leads_to_the_form_for_a_new_one(world: World) -> None:
    link = old_link(world)
    world.clock.advance(days=8)

    answers = [world.get(link), world.post(link, {})]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert all("/en/open-door/manage" in answer.body.decode() for answer in answers)


def test_a_crash_between_signature_and_news_is_mended_by_a_second_click(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = old_link(world)
    second_write = Calls(at=1, fault=Fault.KILLED_BEFORE)
    with pytest.raises(Crash), watched(second_write):
        world.post(link, {})
    after_crash = [item["state"] for item in world.subscriptions()]

    world.post(link, {})

    assert after_crash == ["active"]
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]
