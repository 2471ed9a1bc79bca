"""Another website: wants its visitors to sign, withdraw or leave without knowing it.

It can make a browser post a form to us, put us into a frame under a button of its own, read what
we publish, and hide our address in a link. At stake: signatures that nobody gave, and a visitor's
address in a page that is not ours.
"""

import pytest

import app
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import FORM_TYPE, SLUG, filled, knock, posts, read, send
from tests.world import World

FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "sideways"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://zaklik.example.evil.example"},
    {"Origin": "http://zaklik.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://zaklik.example"},
)
CARD = f"/embed/{SLUG}"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_post_from_elsewhere_is_refused_by_every_route(
    world: World, headers: dict[str, str]
) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    link, mails = world.link(), len(world.mails())
    token = link.rpartition("/")[2]

    for route in posts():
        answer = knock(
            "POST",
            filled(route, token=token),
            body=b"name=Ada&email=ada%40example.org&country=PL&do=delete",
            headers={"Content-Type": FORM_TYPE, **headers},
        )
        assert answer.status == 403, route
    world.deliver_all()
    assert world.stored_items("signatures") == []
    assert len(world.mails()) == mails


def _answers(world: World) -> dict[str, dict[str, str]]:
    world.publish_update()
    world.sign()
    world.deliver_all()
    token = world.link().rpartition("/")[2]
    reads = [route for route, methods in app.app.routes.items() if "GET" in methods]
    found = {f"GET {route}": read(filled(route, token=token)) for route in reads}
    found |= {f"POST {route}": send(filled(route, token=token)) for route in posts()}
    found["accepted"] = send(f"/en/{SLUG}/sign", builders.sign_form())
    return {name: dict(answer.headers) for name, answer in found.items()}


def test_nothing_but_the_card_can_be_framed(world: World) -> None:
    """A page under a see-through frame is pressed by who means another button."""
    for name, headers in _answers(world).items():
        framable = name.startswith("GET /embed/")
        policy = headers["Content-Security-Policy"]
        assert ("frame-ancestors *" in policy) == framable, name
        assert ("frame-ancestors 'none'" in policy) != framable, name
        assert (headers.get("X-Frame-Options") == "DENY") != framable, name


@pytest.mark.parametrize("path", [CARD, f"{CARD}/en", f"{CARD}/be", f"{CARD}/ru"])
def test_the_card_has_nothing_that_a_stolen_click_could_do(world: World, path: str) -> None:
    answer = read(path)
    page = Page(answer.text)

    assert page.all("form", "input", "button", "script", "select") == []
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    for way in page.all("a"):
        assert way["href"].startswith("/")
        assert way["target"] in ("_blank", "_top")
        assert "noopener" in way["rel"] or way["target"] == "_top"


@pytest.mark.parametrize("path", ["/no-such-thing", "/no-such-thing/en"])
def test_a_card_of_no_petition_cannot_be_framed_either(world: World, path: str) -> None:
    answer = read(f"/embed{path}")

    assert answer.status == 404
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_other_sites_can_read_what_is_public_and_nothing_else(world: World) -> None:
    for name, headers in _answers(world).items():
        allowed = headers.get("Access-Control-Allow-Origin")
        public = "/api/petitions/" in name or "/feed." in name
        assert allowed == ("*" if public else None), name
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("more", ["", "/share", "/poster", "/subscribe", "/manage"])
def test_a_page_is_the_same_whoever_reads_it_and_from_wherever_they_come(
    world: World, more: str
) -> None:
    """Nothing of a visitor is put into a page that may be passed on, printed or shared."""
    plain = read(f"/en/{SLUG}{more}")
    marked = knock(
        "GET",
        f"/en/{SLUG}{more}?ref=marked&email=marked@example.org",
        headers={
            "Referer": "https://marked.example/",
            "User-Agent": "Marked/1",
            "Cookie": "marked=1",
            "X-Forwarded-For": "203.0.113.99",
            "Host": "marked.example",
            "X-Forwarded-Host": "marked.example",
        },
        client="203.0.113.99",
    )

    assert marked.text == plain.text
    assert marked.headers == plain.headers
    assert "marked" not in marked.text


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example"])
def test_no_address_of_ours_leads_to_another_site(world: World, target: str) -> None:
    for query in ("next", "url", "redirect", "return"):
        answer = read(f"/?{query}={target}", {"Host": "evil.example"})
        assert answer.status == 303
        assert answer.headers["Location"] == f"/en/{SLUG}"
