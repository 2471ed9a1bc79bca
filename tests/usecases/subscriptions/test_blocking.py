"""Blocking an address: no more mails from any petition, and no page reveals it."""

import re

import pytest

from chalicelib.store.limits import index_salts
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.world import World

ADDRESS = "hanna@example.org"


def request_every_mail(world: World) -> None:
    world.sign(email=ADDRESS)
    for slug in ("open-door", "window"):
        for form in ("subscribe", "manage"):
            world.post(f"/en/{slug}/{form}", {"email": ADDRESS})
    world.deliver_all()


def without_token(body: bytes) -> str:
    return re.sub(r'name="pending" value="[^"]+"', "", body.decode())


@pytest.fixture
def block_link(world: World) -> str:
    """The block link of a mail that another person requested."""
    world.publish(builders.petition(slug="window"))
    world.sign(email=ADDRESS)
    world.deliver_all()
    return world.link_to("block")


def test_every_single_mail_ends_with_the_block_link(world: World) -> None:
    world.sign_and_confirm()
    world.sign()
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.post("/en/open-door/manage", {"email": ADDRESS})
    world.post("/en/open-door/manage", {"email": "nobody@example.org"})
    world.deliver_all()

    assert len(world.mails()) == 5
    for mail in world.mails():
        assert mail.text.rstrip().endswith(world.link_to("block", mail))


def test_reading_the_page_blocks_nothing(world: World, block_link: str) -> None:
    before = len(world.mails())
    pages = [world.get(block_link) for _ in range(3)]

    request_every_mail(world)

    assert [page.body.count(b"<form") for page in pages] == [1, 1, 1]
    assert world.stored_items("subscribers") == []
    assert len(world.mails()) == before + 5


def test_no_petition_mails_a_blocked_address(world: World, block_link: str) -> None:
    before = len(world.mails())

    response = world.post(block_link, {})
    request_every_mail(world)

    assert response.status_code == 200
    assert len(world.mails()) == before
    world.clock.advance(days=4_000)
    request_every_mail(world)
    assert len(world.mails()) == before


def test_other_spellings_of_the_mailbox_are_blocked_too(world: World) -> None:
    world.sign(email="han.na@gmail.com")
    world.deliver_all()
    world.post(world.link_to("block"), {})

    world.sign(email="hanna+again@googlemail.com")
    world.deliver_all()

    assert len(world.mails()) == 1


def test_other_addresses_are_still_mailed(world: World, block_link: str) -> None:
    world.post(block_link, {})

    world.sign(email="other@example.org")
    world.deliver_all()

    assert len(world.mails("other@example.org")) == 1


def test_no_response_reveals_that_an_address_is_blocked(world: World, block_link: str) -> None:
    world.post(block_link, {})
    responses, calls_made = [], []
    for email in (ADDRESS, "other@example.org"):
        world.restart()
        with recorded(AwsCalls()) as calls:
            responses += [
                without_token(world.sign(email=email).body),
                world.post("/en/open-door/subscribe", {"email": email}).body,
                world.post("/en/open-door/manage", {"email": email}).body,
            ]
        calls_made.append(calls.made)

    assert responses[:3] == responses[3:]
    assert calls_made[0] == calls_made[1]


def test_a_petition_that_was_destroyed_keeps_nobody_from_blocking(
    world: World, block_link: str
) -> None:
    world.publish(builders.petition(slug="a-gate"))
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.deliver_all()
    world.post(world.link(), {})
    index_salts.mark_destroyed(world.services.limits, "a-gate", now=world.clock.now())
    world.clock.advance(minutes=1)

    response = world.post(block_link, {})

    assert response.status_code == 200
    states = [i["state"] for i in world.stored_items("subscribers") if "state" in i]
    assert states == ["unsubscribed"]


def test_blocking_makes_no_petition_one_whose_form_was_filled_in(
    world: World, block_link: str
) -> None:
    before = index_salts.list_all(world.services.limits)

    world.post(block_link, {})

    assert index_salts.list_all(world.services.limits) == before


def test_blocking_ends_the_subscriptions_of_every_petition(world: World, block_link: str) -> None:
    for slug in ("open-door", "window"):
        world.post(f"/en/{slug}/subscribe", {"email": ADDRESS})
        world.deliver_all()
        world.post(world.link(), {})
    active = [item["state"] for item in world.stored_items("subscribers")]

    world.clock.advance(minutes=1)
    world.post(block_link, {})

    left = [item for item in world.stored_items("subscribers") if item["pk"][0] != "#"]
    assert active == ["active", "active"]
    assert [item["state"] for item in left] == ["unsubscribed", "unsubscribed"]
    assert not any("sealed_address" in item for item in left)


def test_blocking_keeps_the_signature(world: World) -> None:
    world.sign_and_confirm()
    before = world.signatures()

    world.post(world.link_to("block"), {})

    assert world.signatures() == before


def test_an_old_link_does_not_subscribe_a_blocked_address(world: World, block_link: str) -> None:
    world.post("/en/window/subscribe", {"email": ADDRESS})
    world.deliver_all()
    confirmation = world.link()
    world.clock.advance(minutes=1)
    world.post(block_link, {})

    response = world.post(confirmation, {})

    assert response.status_code == 410
    assert not any(item.get("state") == "active" for item in world.stored_items("subscribers"))


def test_a_queued_mail_still_arrives_and_no_other(world: World, block_link: str) -> None:
    world.sign(email=ADDRESS)
    world.post(block_link, {})
    world.deliver_all()
    on_its_way = len(world.mails())

    world.sign(email=ADDRESS)
    world.deliver_all()

    assert on_its_way == len(world.mails()) == 2


def test_a_second_click_changes_nothing(world: World, block_link: str) -> None:
    responses = [world.post(block_link, {}).status_code for _ in range(2)]

    blocks = [
        item for item in world.stored_items("subscribers") if item["pk"].startswith("#suppressed#")
    ]
    assert responses == [200, 200]
    assert len(blocks) == 1
    assert set(blocks[0]) == {"pk", "sk", "reason", "since"}
