"""Mailed confirmation links: opened by a scanner, twice, late, or sent again."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.usecases import pressure
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.proving import press
from tests.routes.markup import ParsedPage
from tests.world import World

ADDRESS = "hanna@example.org"
CODE = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)


def sign(world: World) -> str:
    """Send the sign form; returns the mailed link."""
    world.sign()
    world.deliver_all()
    return world.link_to("confirm")


def subscribe(world: World) -> str:
    """Send the subscribe form; returns the mailed link."""
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.deliver_all()
    return world.link_to("confirm-alerts")


RequestLink = Callable[[World], str]
both_kinds = pytest.mark.parametrize("request_link", [sign, subscribe])


def stored(world: World) -> list[object]:
    return [*world.signatures(), *world.subscriptions()]


def pending_in(body: bytes) -> str:
    return next(
        e["value"] for e in ParsedPage(body.decode()).all("input") if e["name"] == "pending"
    )


def forms_of(body: bytes) -> list[str]:
    return [form["action"] for form in ParsedPage(body.decode()).all("form")]


def links_of(body: bytes) -> list[str]:
    main = body.decode().partition("<main")[2]
    return re.findall(r'href="([^"]+)"', main)


@both_kinds
def test_opening_a_link_confirms_nothing_and_names_the_petition_but_not_the_address(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)

    pages = [world.get(link) for _ in range(3)]

    assert stored(world) == []
    assert pages[0].body == pages[1].body == pages[2].body
    assert forms_of(pages[0].body) == [link]
    assert "Open the door" in pages[0].body.decode()
    assert "hanna" not in pages[0].body.decode().lower()


@both_kinds
def test_the_page_is_the_same_before_and_after_confirming_and_withdrawing(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    before = world.get(link).body
    world.post(link, {})
    confirmed = world.get(link).body
    world.clock.advance(minutes=1)
    world.post(world.ask_for_own_page(), {"do": "delete"})

    ended = world.get(link).body

    assert before == confirmed == ended


@both_kinds
def test_confirming_after_withdrawing_explains_how_to_begin_again(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    world.post(link, {})
    world.clock.advance(minutes=1)
    world.post(world.ask_for_own_page(), {"do": "delete"})
    left = stored(world)

    response = world.post(link, {})

    way = "/en/open-door#sign" if request_link is sign else "/en/open-door/subscribe"
    assert response.status_code == 410
    assert "stays cancelled" in response.body.decode()
    assert way in links_of(response.body)
    assert stored(world) == left


@both_kinds
def test_an_expired_link_offers_a_new_one_which_works(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    world.clock.advance(days=8)
    looked, pressed = world.get(link), world.post(link, {})
    nothing = stored(world)

    [button] = forms_of(looked.body)
    renewed = world.post(button, {})
    world.deliver_all()
    fresh = world.link()
    world.post(fresh, {})

    assert (looked.status_code, pressed.status_code, renewed.status_code) == (410, 410, 200)
    assert looked.body == pressed.body
    assert nothing == []
    assert fresh != link
    assert fresh.rpartition("/")[0] == link.rpartition("/")[0]
    assert len(stored(world)) == 1


@both_kinds
def test_renewing_a_link_counts_against_the_daily_mails(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    world.clock.advance(days=8)
    [button] = forms_of(world.get(link).body)
    before = len(world.mails())

    responses = {world.post(button, {}).status_code for _ in range(10)}
    world.deliver_all()

    assert responses == {200}
    assert len(world.mails()) - before == world.services.settings.mails_per_network


@both_kinds
def test_renewing_a_link_counts_as_a_post_of_the_network(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    world.clock.advance(days=8)
    [button] = forms_of(world.get(link).body)
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    world.restart()

    statuses = [world.post(button, {}).status_code for _ in range(2)]

    assert statuses == [200, 429]


@both_kinds
def test_a_very_old_link_offers_the_form_instead_of_a_new_link(
    world: World, request_link: RequestLink
) -> None:
    link = request_link(world)
    world.clock.advance(days=91)

    looked = world.get(link)
    renewed = world.post(f"{link}/again", {})
    world.deliver_all()

    assert forms_of(looked.body) == []
    assert any("/en/open-door" in way for way in links_of(looked.body))
    assert renewed.status_code == 410
    assert len(world.mails()) == 1


def test_an_expired_link_of_a_closed_petition_names_the_date_and_the_feed(
    world: World,
) -> None:
    link = sign(world)
    world.publish(builders.petition(closes_on=world.clock.now().date()))
    world.clock.advance(days=8)

    responses = [world.get(link), world.post(link, {}), world.post(f"{link}/again", {})]
    world.deliver_all()

    for response in responses:
        assert "This petition closed on 8 March 2026" in response.body.decode()
        assert "/en/open-door/feed.atom" in links_of(response.body)
        assert forms_of(response.body) == []
    assert len(world.mails()) == 1


def test_sending_again_mails_the_same_link_and_code(world: World) -> None:
    page = world.sign()
    world.deliver_all()
    pending = pending_in(page.body)

    response = world.post("/en/open-door/again", {"pending": pending})
    world.deliver_all()

    first, second = [CODE.findall(mail.text) for mail in world.mails(ADDRESS)]
    assert len(forms_of(page.body)) == 2
    assert response.status_code == 200
    assert first == second
    assert pending_in(response.body) == pending
    assert "You can get this email at most 3 times a day" in response.body.decode()


def test_a_code_that_is_mailed_again_works_as_long_as_its_mail_says(world: World) -> None:
    pending = pending_in(world.sign().body)
    world.clock.advance(minutes=119)
    world.post("/en/open-door/again", {"pending": pending})
    world.deliver_all()
    mail = world.mails()[-1].text
    world.clock.advance(minutes=119)

    confirmed = world.post(
        "/en/open-door/code", {"pending": pending, "code": CODE.findall(mail)[0]}
    )

    assert "The code works for 2 hours." in mail
    assert confirmed.status_code == 200


def test_a_code_after_withdrawing_explains_how_to_begin_again(world: World) -> None:
    pending = pending_in(world.sign().body)
    world.deliver_all()
    mail = world.mails()[-1]
    world.post(world.link(mail), {})
    world.clock.advance(minutes=1)
    world.post(world.ask_for_own_page(), {"do": "delete"})

    response = world.post(
        "/en/open-door/code", {"pending": pending, "code": CODE.findall(mail.text)[0]}
    )

    assert response.status_code == 410
    assert "stays cancelled" in response.body.decode()
    assert "/en/open-door#sign" in links_of(response.body)


def test_sending_again_after_the_code_expired_mails_a_new_code(world: World) -> None:
    page = world.sign()
    world.deliver_all()
    world.clock.advance(hours=3)

    response = world.post("/en/open-door/again", {"pending": pending_in(page.body)})
    world.deliver_all()
    code = CODE.findall(world.mails()[-1].text)[0]
    confirmed = world.post(
        "/en/open-door/code", {"pending": pending_in(response.body), "code": code}
    )

    assert confirmed.status_code == 200
    assert len(world.unsealed()) == 1


def test_sending_again_reveals_nothing_by_page_or_calls(world: World) -> None:
    world.sign_and_confirm(email="signed@example.org")
    calls_made, bodies = [], []
    for email in ("signed@example.org", "new@example.org"):
        pending = pending_in(world.sign(email=email).body)
        with recorded(AwsCalls()) as calls:
            response = world.post("/en/open-door/again", {"pending": pending})
        calls_made.append([name for name in calls.made if name != "dynamodb.GetItem"])
        bodies.append(response.body.decode().replace(pending, ""))

    assert calls_made == [["dynamodb.UpdateItem", "dynamodb.BatchGetItem", "sqs.SendMessage"]] * 2
    assert bodies[0] == bodies[1]


def test_sending_again_counts_against_the_daily_mails(world: World) -> None:
    pending = pending_in(world.sign().body)
    for _ in range(10):
        assert world.post("/en/open-door/again", {"pending": pending}).status_code == 200
    world.deliver_all()

    assert len(world.mails(ADDRESS)) == world.services.settings.mails_per_network


@pytest.mark.parametrize("pending", ["", "AAAA", "ы", "A" * 5_000])
def test_sending_again_without_a_pending_token_mails_nothing(world: World, pending: str) -> None:
    response = world.post("/en/open-door/again", {"pending": pending})
    world.deliver_all()

    assert response.status_code == 404
    assert world.mails() == []


def test_sending_again_for_another_petition_mails_nothing(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    pending = pending_in(world.sign().body)

    response = world.post("/en/window/again", {"pending": pending})
    world.deliver_all()

    assert response.status_code == 404
    assert len(world.mails()) == 1


def test_a_network_over_its_limit_keeps_the_pending_page(world: World) -> None:
    pending = pending_in(world.sign().body)
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    world.restart()

    response = world.post("/en/open-door/again", {"pending": pending})

    assert response.status_code == 429
    assert pending_in(response.body) == pending


@pytest.mark.parametrize("form", ["again", "code"])
@pytest.mark.parametrize("slug", ["open-door", "window"])
def test_an_invalid_pending_token_does_not_count_against_the_limit(
    world: World, form: str, slug: str
) -> None:
    world.publish(builders.petition(slug="window"))
    rubbish = "AAAA" if slug == "open-door" else pending_in(world.sign().body)
    before = world.stored_items("petitions")
    fields = {"pending": rubbish, "code": "AAAA AAAA"}

    responses = {world.post(f"/en/{slug}/{form}", fields).status_code for _ in range(3)}

    assert responses == {404}
    assert world.stored_items("petitions") == before


def test_a_pending_token_cannot_outlive_its_link(world: World) -> None:
    pending = pending_in(world.sign().body)
    world.deliver_all()
    statuses = []
    for _ in range(4):
        world.clock.advance(days=2)
        response = world.post("/en/open-door/again", {"pending": pending})
        statuses.append(response.status_code)
        if response.status_code == 200:
            assert pending_in(response.body) != pending
            pending = pending_in(response.body)
        world.deliver_all()

    assert statuses == [200, 200, 200, 410]
    assert len(world.mails(ADDRESS)) == 4


def test_under_pressure_sending_again_takes_the_slow_lane(world: World) -> None:
    page = world.sign()
    world.deliver_all()
    require_proofs(world)
    press(world, slow_posts_per_network=1)

    responses = [
        world.post("/en/open-door/again", {"pending": pending_in(page.body)}) for _ in range(2)
    ]
    world.deliver_all()
    at_once = len(world.mails())
    world.make_messages_visible()
    world.deliver_all()

    assert [response.status_code for response in responses] == [200, 429]
    assert "should reach the address you gave in about 10 minutes" in responses[0].body.decode()
    assert (at_once, len(world.mails())) == (1, 2)


def test_the_page_never_says_that_a_mail_was_sent(world: World) -> None:
    page = world.sign()
    pages = [
        world.post("/en/open-door/again", {"pending": pending_in(page.body)}) for _ in range(4)
    ]
    world.deliver_all()

    assert len(world.mails()) < len(pages)
    for response in pages:
        assert "We have written" not in response.body.decode()
        assert "No email comes if that address has reached" in response.body.decode()


def test_under_pressure_renewing_a_link_takes_the_slow_lane(world: World) -> None:
    link = sign(world)
    world.clock.advance(days=8)
    require_proofs(world)

    response = world.post(f"{link}/again", {})
    world.deliver_all()
    at_once = len(world.mails())
    world.make_messages_visible()
    world.deliver_all()

    assert "should reach the address you gave in about 10 minutes" in response.body.decode()
    assert (at_once, len(world.mails())) == (1, 2)


def test_each_slow_mail_is_announced(world: World) -> None:
    press(world, proof_posts_per_network=1)
    world.sign(email="first@example.org")
    page = world.sign(slow="yes")

    response = world.post("/en/open-door/again", {"pending": pending_in(page.body)})

    assert "should reach the address you gave in about 10 minutes" in response.body.decode()
    assert "a few minutes after that time, check your spam" in response.body.decode()
    assert "within a few minutes" not in response.body.decode()


def require_proofs(world: World) -> None:
    """Require a proof of work of everybody for an hour."""
    until = world.clock.now() + timedelta(hours=1)
    pressure.require_proofs(world.services, "open-door", until=until)
