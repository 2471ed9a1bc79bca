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
from tests.routes.markup import ParsedPage
from tests.routes.requests import GET, call, get, post
from tests.world import PUBLIC_URL, World

TABLES = ("signatures", "subscribers", "petitions")
DOORS = ("confirm", "confirm-alerts", "manage", "block", "unsubscribe")
Links = Mapping[str, str]


@pytest.fixture(scope="module")
def mailed(house: World) -> Links:
    """A link of every kind, as mailed to people of one petition, by the door to which it leads."""
    house.wipe()
    house.publish()
    made = {}
    signs("ada@example.org", alerts="yes")
    house.settle()
    made["confirm"] = house.link()
    subscribes(house, "bella@example.org")
    house.post("/en/open-door/subscribe", {"email": "clara@example.org"})
    house.settle()
    made["confirm-alerts"] = house.link()
    house.sign_and_confirm(email="dora@example.org", alerts="yes")
    made["manage"] = house.ask_for_own_page("dora@example.org")
    made["block"] = house.link_to("block")
    fan_out.start_alert(house.services, house.publish_update().id)
    house.settle()
    made["unsubscribe"] = house.link_to("unsubscribe", house.mails("bella@example.org")[-1])
    assert set(made) == set(DOORS)
    return made


every_door = pytest.mark.parametrize("door", DOORS)


def _all(world: World) -> list[object]:
    return [len(world.mails()), *(world.everything(table) for table in TABLES)]


@every_door
def test_opening_a_link_changes_nothing_however_often(
    house: World, mailed: Links, door: str
) -> None:
    """Elsewhere the link in the mail confirms as soon as anything opens it."""
    before = _all(house)

    opened = [call(method, mailed[door]).status for method in (GET, "HEAD", GET, "HEAD")]
    house.settle()

    assert opened == [200] * 4
    assert _all(house) == before


@every_door
def test_whatever_a_scanner_follows_on_such_a_page_changes_nothing_either(
    house: World, mailed: Links, door: str
) -> None:
    before = _all(house)
    page = ParsedPage(get(mailed[door]).text)

    ways = [a["href"] for a in page.all("a") if a["href"].startswith("/")]
    assert [way for way in ways if get(way).status not in (200, 303)] == []
    assert {form["method"] for form in page.all("form")} == {"post"}
    assert _all(house) == before


@every_door
def test_a_link_that_was_cut_doubled_or_rewritten_opens_nothing(
    house: World, mailed: Links, door: str
) -> None:
    link, before = mailed[door], _all(house)
    start, token = link[: link.rindex("/") + 1], link.rpartition("/")[2]

    for other in (token[:1], token[:40], token[:-1], token * 2, token.swapcase(), f"{token}%20."):
        broken = start + other
        assert [get(broken).status, post(broken, {"do": "delete"}).status] == [404, 404], other
    assert _all(house) == before


@every_door
def test_what_a_mail_program_adds_behind_a_link_does_no_harm(
    house: World, mailed: Links, door: str
) -> None:
    """Mail providers cut query strings off, or add their own: nothing of ours is in one."""
    link = mailed[door]

    assert "?" not in link
    assert get(f"{link}?utm_source=mail&fbclid=1").status == 200
    assert get(f"{link}/").status == 200


def test_no_mail_loads_anything_or_leads_anywhere_but_to_us(house: World, mailed: Links) -> None:
    """Mails with pictures, trackers and foreign links are taken for phishing, and are spies."""
    assert len(house.mails()) >= len(DOORS)
    for mail in house.mails():
        page = ParsedPage(mail.html)
        assert page.all("img", "script", "link", "iframe", "object") == []
        hrefs = [a["href"] for a in page.all("a")]
        assert [href for href in hrefs if not href.startswith(f"{PUBLIC_URL}/")] == []


@every_door
def test_a_link_that_was_opened_before_still_works_for_the_person(
    house: World, mailed: Links, door: str
) -> None:
    """Elsewhere a link works once, and the scanner has used it up."""
    for _ in range(3):
        get(mailed[door])

    assert post(mailed[door], {"do": "stop"}).status == 200


def test_the_code_is_as_good_as_the_link_for_who_trusts_no_links(world: World) -> None:
    """A confirmation that looks like phishing is not pressed; people ask for a code instead."""
    page = post("/en/open-door/sign", builders.sign_form()).text
    world.settle()
    pending, code = PENDING.search(page), CODE.search(world.mails()[-1].text)
    assert pending
    assert code

    assert sends("code", pending=pending[1], code=code[1]).status == 200
    assert [item["state"] for item in world.signatures()] == ["confirmed"]
