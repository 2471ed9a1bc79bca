"""A mail scanner: a program at a mail provider, an employer or in a chat that opens every link.

It wants nothing, and could do harm all the same: sign for people who have not pressed anything,
withdraw for them, end their news or use their links up before they come to them. It opens links
early, often, cut in two and years later; it never presses a button.
"""

from collections.abc import Mapping

import pytest

from chalicelib.usecases.alerts import fan_out
from tests import builders
from tests.abuse.people import CODE, PENDING, sends, signs, subscribes
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import READ, knock, read, send
from tests.world import World

TABLES = ("signatures", "subscribers", "petitions")
DOORS = ("confirm", "confirm-alerts", "manage", "block", "unsubscribe")
Links = Mapping[str, str]


@pytest.fixture(scope="module")
def mailed(shared_world: World) -> Links:
    """A link of every kind, as mailed to people of one petition, by the door to which it leads."""
    shared_world.reset()
    shared_world.publish()
    made = {}
    signs("ada@example.org", alerts="yes")
    shared_world.deliver_all()
    made["confirm"] = shared_world.link()
    subscribes(shared_world, "bella@example.org")
    shared_world.post("/en/open-door/subscribe", {"email": "clara@example.org"})
    shared_world.deliver_all()
    made["confirm-alerts"] = shared_world.link()
    shared_world.sign_and_confirm(email="dora@example.org", alerts="yes")
    made["manage"] = shared_world.ask_for_own_page("dora@example.org")
    made["block"] = shared_world.link_to("block")
    fan_out.start_alert(shared_world.services, shared_world.publish_update().id)
    shared_world.deliver_all()
    made["unsubscribe"] = shared_world.link_to(
        "unsubscribe", shared_world.mails("bella@example.org")[-1]
    )
    assert set(made) == set(DOORS)
    return made


every_door = pytest.mark.parametrize("door", DOORS)


def _all(world: World) -> list[object]:
    return [len(world.mails()), *(world.stored_items(table) for table in TABLES)]


@every_door
def test_opening_a_link_changes_nothing_however_often(
    shared_world: World, mailed: Links, door: str
) -> None:
    """Elsewhere the link in the mail confirms as soon as anything opens it."""
    before = _all(shared_world)

    opened = [knock(method, mailed[door]).status for method in (READ, "HEAD", READ, "HEAD")]
    shared_world.deliver_all()

    assert opened == [200] * 4
    assert _all(shared_world) == before


@every_door
def test_whatever_a_scanner_follows_on_such_a_page_changes_nothing_either(
    shared_world: World, mailed: Links, door: str
) -> None:
    before = _all(shared_world)
    page = Page(read(mailed[door]).text)

    ways = [a["href"] for a in page.all("a") if a["href"].startswith("/")]
    assert [way for way in ways if read(way).status not in (200, 303)] == []
    assert {form["method"] for form in page.all("form")} == {"post"}
    assert _all(shared_world) == before


@every_door
def test_a_link_that_was_cut_doubled_or_rewritten_opens_nothing(
    shared_world: World, mailed: Links, door: str
) -> None:
    link, before = mailed[door], _all(shared_world)
    start, token = link[: link.rindex("/") + 1], link.rpartition("/")[2]

    for other in (token[:1], token[:40], token[:-1], token * 2, token.swapcase(), f"{token}%20."):
        broken = start + other
        assert [read(broken).status, send(broken, {"do": "delete"}).status] == [404, 404], other
    assert _all(shared_world) == before


@every_door
def test_what_a_mail_program_adds_behind_a_link_does_no_harm(
    shared_world: World, mailed: Links, door: str
) -> None:
    """Mail providers cut query strings off, or add their own: nothing of ours is in one."""
    link = mailed[door]

    assert "?" not in link
    assert read(f"{link}?utm_source=mail&fbclid=1").status == 200
    assert read(f"{link}/").status == 200


def test_no_mail_loads_anything_or_leads_anywhere_but_to_us(
    shared_world: World, mailed: Links
) -> None:
    """Mails with pictures, trackers and foreign links are taken for phishing, and are spies."""
    assert len(shared_world.mails()) >= len(DOORS)
    for mail in shared_world.mails():
        page = Page(mail.html)
        assert page.all("img", "script", "link", "iframe", "object") == []
        hrefs = [a["href"] for a in page.all("a")]
        assert [href for href in hrefs if not href.startswith(f"{PUBLIC_URL}/")] == []


@every_door
def test_a_link_that_was_opened_before_still_works_for_the_person(
    shared_world: World, mailed: Links, door: str
) -> None:
    """Elsewhere a link works once, and the scanner has used it up."""
    for _ in range(3):
        read(mailed[door])

    assert send(mailed[door], {"do": "stop"}).status == 200


def test_the_code_is_as_good_as_the_link_for_who_trusts_no_links(world: World) -> None:
    """A confirmation that looks like phishing is not pressed; people ask for a code instead."""
    page = send("/en/open-door/sign", builders.sign_form()).text
    world.deliver_all()
    pending, code = PENDING.search(page), CODE.search(world.mails()[-1].text)
    assert pending
    assert code

    assert sends("code", pending=pending[1], code=code[1]).status == 200
    assert [item["state"] for item in world.signatures()] == ["confirmed"]
