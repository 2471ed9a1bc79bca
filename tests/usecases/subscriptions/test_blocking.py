"""Never mail this address again: whoever asks, on whatever petition, and nobody can tell."""

import re

import pytest

from tests import builders
from tests.faults import Calls, watched
from tests.world import World

ADDRESS = "hanna@example.org"


def asks_for_everything(world: World) -> None:
    world.sign(email=ADDRESS)
    for slug in ("open-door", "window"):
        for form in ("subscribe", "manage"):
            world.post(f"/en/{slug}/{form}", {"email": ADDRESS})
    world.settle()


def without_token(body: bytes) -> str:
    return re.sub(r'name="pending" value="[^"]+"', "", body.decode())


@pytest.fixture
def never(world: World) -> str:
    """The link at the end of a mail that somebody else has asked for."""
    world.publish(builders.petition(slug="window"))
    world.sign(email=ADDRESS)
    world.settle()
    return world.link_to("block")


def test_every_single_mail_ends_with_the_link(world: World) -> None:
    world.sign_and_confirm()
    world.sign()
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.post("/en/open-door/manage", {"email": ADDRESS})
    world.post("/en/open-door/manage", {"email": "nobody@example.org"})
    world.settle()

    assert len(world.mails()) == 5
    for mail in world.mails():
        assert mail.text.rstrip().endswith(world.link_to("block", mail))


def test_reading_the_page_blocks_nothing(world: World, never: str) -> None:
    before = len(world.mails())
    pages = [world.get(never) for _ in range(3)]

    asks_for_everything(world)

    assert [page.body.count(b"<form") for page in pages] == [1, 1, 1]
    assert world.everything("subscribers") == []
    assert len(world.mails()) == before + 5


def test_after_the_button_nothing_is_mailed_any_more_by_any_petition(
    world: World, never: str
) -> None:
    before = len(world.mails())

    response = world.post(never, {})
    asks_for_everything(world)

    assert response.status_code == 200
    assert len(world.mails()) == before
    world.clock.advance(days=4_000)
    asks_for_everything(world)
    assert len(world.mails()) == before


def test_other_spellings_of_the_mailbox_are_blocked_too(world: World) -> None:
    world.sign(email="han.na@gmail.com")
    world.settle()
    world.post(world.link_to("block"), {})

    world.sign(email="hanna+again@googlemail.com")
    world.settle()

    assert len(world.mails()) == 1


def test_others_are_mailed_as_before(world: World, never: str) -> None:
    world.post(never, {})

    world.sign(email="other@example.org")
    world.settle()

    assert len(world.mails("other@example.org")) == 1


def test_nobody_can_tell_that_an_address_is_blocked(world: World, never: str) -> None:
    world.post(never, {})
    responses, made = [], []
    for email in (ADDRESS, "other@example.org"):
        world.restart()
        with watched(Calls()) as calls:
            responses += [
                without_token(world.sign(email=email).body),
                world.post("/en/open-door/subscribe", {"email": email}).body,
                world.post("/en/open-door/manage", {"email": email}).body,
            ]
        made.append(calls.made)

    assert responses[:3] == responses[3:]
    assert made[0] == made[1]


def test_news_of_every_petition_ends(world: World, never: str) -> None:
    for slug in ("open-door", "window"):
        world.post(f"/en/{slug}/subscribe", {"email": ADDRESS})
        world.settle()
        world.post(world.link(), {})
    active = [item["state"] for item in world.everything("subscribers")]

    world.clock.advance(minutes=1)
    world.post(never, {})

    left = [item for item in world.everything("subscribers") if item["pk"][0] != "#"]
    assert active == ["active", "active"]
    assert [item["state"] for item in left] == ["unsubscribed", "unsubscribed"]
    assert not any("sealed_address" in item for item in left)


def test_a_signature_stays_as_it_is(world: World) -> None:
    world.sign_and_confirm()
    kept = world.signatures()

    world.post(world.link_to("block"), {})

    assert world.signatures() == kept


def test_a_link_from_before_starts_no_news_after_it(world: World, never: str) -> None:
    world.post("/en/window/subscribe", {"email": ADDRESS})
    world.settle()
    confirmation = world.link()
    world.clock.advance(minutes=1)
    world.post(never, {})

    response = world.post(confirmation, {})

    assert response.status_code == 410
    assert not any(item.get("state") == "active" for item in world.everything("subscribers"))


def test_a_mail_that_is_on_its_way_arrives_and_none_after_it(world: World, never: str) -> None:
    world.sign(email=ADDRESS)
    world.post(never, {})
    world.settle()
    on_its_way = len(world.mails())

    world.sign(email=ADDRESS)
    world.settle()

    assert on_its_way == len(world.mails()) == 2


def test_a_second_click_changes_nothing(world: World, never: str) -> None:
    responses = [world.post(never, {}).status_code for _ in range(2)]

    blocks = [
        item for item in world.everything("subscribers") if item["pk"].startswith("#suppressed#")
    ]
    assert responses == [200, 200]
    assert len(blocks) == 1
    assert set(blocks[0]) == {"pk", "sk", "blocked_at"}
