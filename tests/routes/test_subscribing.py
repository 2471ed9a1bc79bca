"""Alerts: asked for, confirmed, left by page and by one click in a mail program."""

import pytest

from chalicelib.usecases.alerts import fan_out
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import SLUG, knock, read, send
from tests.world import World

ASK = f"/en/{SLUG}/subscribe"
ONE_CLICK_IN_PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


def _subscribe(world: World, email: str = "hanna@example.org") -> None:
    send(ASK, {"email": email})
    world.deliver_all()
    send(world.link())


def _alert(world: World) -> str:
    """Send an update; the path of the unsubscribe link in its header."""
    fan_out.start_alert(world.services, world.publish_update().id)
    world.deliver_all()
    header = world.mails()[-1].headers["List-Unsubscribe"]
    return header.removeprefix(f"<{PUBLIC_URL}").removesuffix(">")


def test_alerts_start_only_with_the_link_from_the_mail(world: World) -> None:
    asked = send(ASK, {"email": "hanna@example.org"})
    world.deliver_all()
    link = world.link()
    looked = read(link)
    before = world.subscriptions()

    confirmed = send(link)

    assert asked.status == looked.status == confirmed.status == 200
    assert "We have written to this address." in Page(asked.text).text
    assert Page(looked.text).one("form")["action"] == link
    assert before == []
    [subscription] = world.subscriptions()
    assert subscription["state"] == "active"
    assert "hanna" not in str(subscription)


def test_a_second_click_on_the_link_changes_nothing(world: World) -> None:
    _subscribe(world)
    kept = world.subscriptions()

    again = send(world.link())

    assert again.status == 200
    assert world.subscriptions() == kept


def test_the_answer_does_not_tell_whether_an_address_has_alerts(world: World) -> None:
    new = send(ASK, {"email": "hanna@example.org"})
    _subscribe(world)

    known = send(ASK, {"email": "hanna@example.org"})

    assert new == known


def test_the_page_in_the_mail_asks_before_it_ends_the_alerts(world: World) -> None:
    _subscribe(world)
    link = _alert(world)
    looked = read(link)
    [before] = world.subscriptions()

    left = send(link)

    assert Page(looked.text).one("form")["action"] == link
    assert before["state"] == "active"
    assert Page(left.text).one("h1").text == "You will get no more news"
    [subscription] = world.subscriptions()
    assert subscription["state"] == "unsubscribed"
    assert "sealed_address" not in subscription


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            ONE_CLICK_IN_PARTS,
        ),
    ],
)
def test_one_click_in_a_mail_program_ends_the_alerts_at_once(
    world: World, kind: str, body: bytes
) -> None:
    _subscribe(world)
    link = _alert(world)

    answer = knock("POST", link, body=body, headers={"Content-Type": kind})
    again = knock("POST", link, body=body, headers={"Content-Type": kind})

    assert answer.status == again.status == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_a_link_to_leave_works_however_old_it_is(world: World) -> None:
    _subscribe(world)
    link = _alert(world)
    world.clock.advance(days=4000)

    answer = send(link)

    assert answer.status == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_an_old_confirmation_does_not_bring_ended_alerts_back(world: World) -> None:
    _subscribe(world)
    confirmation = world.link()
    world.clock.advance(minutes=1)
    send(_alert(world))

    send(confirmation)

    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_alerts_can_be_had_before_the_petition_opens_and_after_it_closed(world: World) -> None:
    for year in (2025, 2027):
        world.clock.moment = world.clock.moment.replace(year=year)
        assert send(ASK, {"email": f"{year}@example.org"}).status == 200
        world.deliver_all()
        send(world.link())

    assert len(world.subscriptions()) == 2
