"""Subscribing to alerts, and unsubscribing by page and by one click in a mail program."""

import pytest

from chalicelib.usecases.alerts import starting
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, call, get, post
from tests.world import World

FORM_PATH = f"/en/{SLUG}/subscribe"
ONE_CLICK_MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


def _subscribe(world: World, email: str = "hanna@example.org") -> None:
    post(FORM_PATH, {"email": email})
    world.deliver_all()
    post(world.link())


def _send_alert(world: World) -> str:
    """Send an alert; returns the path of the unsubscribe link in its header."""
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    header = world.mails()[-1].headers["List-Unsubscribe"]
    return header.removeprefix(f"<{PUBLIC_URL}").removesuffix(">")


def test_a_subscription_starts_only_with_the_mailed_link(world: World) -> None:
    requested = post(FORM_PATH, {"email": "hanna@example.org"})
    world.deliver_all()
    link = world.link()
    page = get(link)
    before = world.subscriptions()

    confirmed = post(link)

    assert requested.status == page.status == confirmed.status == 200
    told = ParsedPage(requested.text).text
    assert "Our email should reach the address you gave within a few minutes." in told
    assert "No email comes if that address has reached today’s limit" in told
    assert ParsedPage(page.text).one("form")["action"] == link
    assert before == []
    [subscription] = world.subscriptions()
    assert subscription["state"] == "active"
    assert "hanna" not in str(subscription)


def test_the_danger_and_who_can_read_the_address_are_said_before_subscribing(
    world: World,
) -> None:
    text = builders.petition_text(
        risk_question="Do you live there?", risk="Whoever is found on the list is in danger."
    )
    world.publish(builders.petition(texts={"en": text}))
    form = get(FORM_PATH)
    sent_back = post(FORM_PATH, {"email": "hanna"})
    post(FORM_PATH, {"email": "hanna@example.org"})
    world.deliver_all()

    for page in (form, sent_back, get(world.link())):
        words = ParsedPage(page.text).text
        assert "Do you live there? Whoever is found on the list is in danger." in words
        assert "The operator of this server will be able to read this address." in words


def test_a_second_click_on_the_link_changes_nothing(world: World) -> None:
    _subscribe(world)
    [before] = world.subscriptions()

    again = post(world.link())

    # The address is sealed anew, and a seal is never the same.
    [after] = world.subscriptions()
    assert again.status == 200
    assert {**after, "sealed_address": before["sealed_address"]} == before


def test_the_response_does_not_reveal_whether_an_address_is_subscribed(world: World) -> None:
    new = post(FORM_PATH, {"email": "hanna@example.org"})
    _subscribe(world)

    known = post(FORM_PATH, {"email": "hanna@example.org"})

    assert new == known


def test_the_unsubscribe_page_asks_before_it_unsubscribes(world: World) -> None:
    _subscribe(world)
    link = _send_alert(world)
    page = get(link)
    [before] = world.subscriptions()

    left = post(link)

    assert ParsedPage(page.text).one("form")["action"] == link
    assert before["state"] == "active"
    assert ParsedPage(left.text).one("h1").text == "You will get no more news"
    [subscription] = world.subscriptions()
    assert subscription["state"] == "unsubscribed"
    assert "sealed_address" not in subscription


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", ONE_CLICK_MULTIPART),
    ],
)
def test_one_click_in_a_mail_program_unsubscribes_at_once(
    world: World, kind: str, body: bytes
) -> None:
    _subscribe(world)
    link = _send_alert(world)

    response = call("POST", link, body=body, headers={"Content-Type": kind})
    again = call("POST", link, body=body, headers={"Content-Type": kind})

    assert response.status == again.status == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_an_unsubscribe_link_never_expires(world: World) -> None:
    _subscribe(world)
    link = _send_alert(world)
    world.clock.advance(days=4000)

    response = post(link)

    assert response.status == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_an_old_confirmation_does_not_subscribe_again(world: World) -> None:
    _subscribe(world)
    confirmation = world.link()
    world.clock.advance(minutes=1)
    post(_send_alert(world))

    post(confirmation)

    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_people_can_subscribe_before_the_petition_opens_and_after_it_closes(world: World) -> None:
    for year in (2025, 2027):
        world.clock.moment = world.clock.moment.replace(year=year)
        assert post(FORM_PATH, {"email": f"{year}@example.org"}).status == 200
        world.deliver_all()
        post(world.link())

    assert len(world.subscriptions()) == 2
