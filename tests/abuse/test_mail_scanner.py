"""Attacker: a mail scanner, a program that opens every link of a mail.

Opens links early, often, truncated and years later; never posts a form. Protected: signatures,
subscriptions, and links that people still need.
"""

from collections.abc import Mapping

import pytest

from chalicelib.usecases.alerts import starting
from tests import builders
from tests.abuse.scenarios import CODE, PENDING, post_form, post_sign_form, subscribe
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import GET, call, get, post
from tests.world import World

TABLES = ("signatures", "subscribers", "petitions")
LINK_KINDS = ("confirm", "confirm-alerts", "manage", "block", "unsubscribe")
Links = Mapping[str, str]


@pytest.fixture(scope="module")
def mailed_links(shared_world: World) -> Links:
    """A mailed link of every kind, by its kind."""
    shared_world.reset()
    shared_world.publish()
    links = {}
    post_sign_form("ada@example.org", alerts="yes")
    shared_world.deliver_all()
    links["confirm"] = shared_world.link()
    subscribe(shared_world, "bella@example.org")
    shared_world.post("/en/open-door/subscribe", {"email": "clara@example.org"})
    shared_world.deliver_all()
    links["confirm-alerts"] = shared_world.link()
    shared_world.sign_and_confirm(email="dora@example.org", alerts="yes")
    links["manage"] = shared_world.ask_for_own_page("dora@example.org")
    links["block"] = shared_world.link_to("block")
    starting.start_update(shared_world.services, shared_world.publish_update().id)
    shared_world.deliver_all()
    links["unsubscribe"] = shared_world.link_to(
        "unsubscribe", shared_world.mails("bella@example.org")[-1]
    )
    assert set(links) == set(LINK_KINDS)
    return links


every_kind = pytest.mark.parametrize("kind", LINK_KINDS)


def _stored(world: World) -> list[object]:
    return [len(world.mails()), *(world.stored_items(table) for table in TABLES)]


@every_kind
def test_opening_a_link_changes_nothing(
    shared_world: World, mailed_links: Links, kind: str
) -> None:
    """Elsewhere: a GET of the mailed link confirms."""
    before = _stored(shared_world)

    statuses = [call(method, mailed_links[kind]).status for method in (GET, "HEAD", GET, "HEAD")]
    shared_world.deliver_all()

    assert statuses == [200] * 4
    assert _stored(shared_world) == before


@every_kind
def test_following_the_links_of_the_opened_page_changes_nothing(
    shared_world: World, mailed_links: Links, kind: str
) -> None:
    before = _stored(shared_world)
    page = ParsedPage(get(mailed_links[kind]).text)

    paths = [a["href"] for a in page.all("a") if a["href"].startswith("/")]
    assert [path for path in paths if get(path).status not in (200, 303)] == []
    assert {form["method"] for form in page.all("form")} == {"post"}
    assert _stored(shared_world) == before


@every_kind
def test_a_truncated_doubled_or_rewritten_link_does_not_work(
    shared_world: World, mailed_links: Links, kind: str
) -> None:
    link, before = mailed_links[kind], _stored(shared_world)
    start, token = link[: link.rindex("/") + 1], link.rpartition("/")[2]

    for other in (token[:1], token[:40], token[:-1], token * 2, token.swapcase()):
        broken = start + other
        assert [get(broken).status, post(broken, {"do": "delete"}).status] == [404, 404], other
    assert _stored(shared_world) == before


@every_kind
def test_a_query_string_or_a_mark_after_a_link_is_ignored(
    shared_world: World, mailed_links: Links, kind: str
) -> None:
    """Mail providers remove query strings or add their own, and take in what follows a link."""
    link = mailed_links[kind]

    assert "?" not in link
    assert get(f"{link}?utm_source=mail&fbclid=1").status == 200
    assert get(f"{link}/").status == 200
    assert get(f"{link}%20.").status == 200


def test_mails_load_nothing_and_link_only_to_the_service(
    shared_world: World, mailed_links: Links
) -> None:
    """Images and foreign links make a mail look like phishing, and track its reader."""
    assert len(shared_world.mails()) >= len(LINK_KINDS)
    for mail in shared_world.mails():
        page = ParsedPage(mail.html)
        assert page.all("img", "script", "link", "iframe", "object") == []
        hrefs = [a["href"] for a in page.all("a")]
        assert [href for href in hrefs if not href.startswith(f"{PUBLIC_URL}/")] == []


@every_kind
def test_an_opened_link_still_works(shared_world: World, mailed_links: Links, kind: str) -> None:
    """Elsewhere: a link works once, and the scanner has used it."""
    for _ in range(3):
        get(mailed_links[kind])

    assert post(mailed_links[kind], {"do": "stop"}).status == 200


def test_the_code_of_the_mail_confirms_without_the_link(world: World) -> None:
    page = post("/en/open-door/sign", builders.sign_form()).text
    world.deliver_all()
    pending, code = PENDING.search(page), CODE.search(world.mails()[-1].text)
    assert pending
    assert code

    assert post_form("code", pending=pending[1], code=code[1]).status == 200
    assert [item["state"] for item in world.signatures()] == ["confirmed"]
