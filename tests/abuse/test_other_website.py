"""Another website: wants its visitors to sign, withdraw or leave without knowing it.

It can make a browser post a form to us, put us into a frame under a button of its own, read what
we publish, and hide our address in a link. At stake: signatures that nobody gave, and a visitor's
address in a page that is not ours.
"""

import pytest

import app
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORM_TYPE, SLUG, call, get, path_of, post, post_routes
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
    world.settle()
    link, mails = world.link(), len(world.mails())
    token = link.rpartition("/")[2]

    for route in post_routes():
        response = call(
            "POST",
            path_of(route, token=token),
            body=b"name=Ada&email=ada%40example.org&country=PL&do=delete",
            headers={"Content-Type": FORM_TYPE, **headers},
        )
        assert response.status == 403, route
    world.settle()
    assert world.everything("signatures") == []
    assert len(world.mails()) == mails


def _responses(world: World) -> dict[str, dict[str, str]]:
    world.publish_update()
    world.sign()
    world.settle()
    token = world.link().rpartition("/")[2]
    reads = [route for route, methods in app.app.routes.items() if "GET" in methods]
    found = {f"GET {route}": get(path_of(route, token=token)) for route in reads}
    found |= {f"POST {route}": post(path_of(route, token=token)) for route in post_routes()}
    found["accepted"] = post(f"/en/{SLUG}/sign", builders.sign_form())
    return {name: dict(response.headers) for name, response in found.items()}


def test_nothing_but_the_card_can_be_framed(world: World) -> None:
    """A page under a see-through frame is pressed by who means another button."""
    for name, headers in _responses(world).items():
        framable = name.startswith("GET /embed/")
        policy = headers["Content-Security-Policy"]
        assert ("frame-ancestors *" in policy) == framable, name
        assert ("frame-ancestors 'none'" in policy) != framable, name
        assert (headers.get("X-Frame-Options") == "DENY") != framable, name


@pytest.mark.parametrize("path", [CARD, f"{CARD}/en", f"{CARD}/be", f"{CARD}/ru"])
def test_the_card_has_nothing_that_a_stolen_click_could_do(world: World, path: str) -> None:
    response = get(path)
    page = ParsedPage(response.text)

    assert page.all("form", "input", "button", "script", "select") == []
    assert "form-action 'none'" in response.headers["Content-Security-Policy"]
    for way in page.all("a"):
        assert way["href"].startswith("/")
        assert way["target"] in ("_blank", "_top")
        assert "noopener" in way["rel"] or way["target"] == "_top"


@pytest.mark.parametrize("path", ["/no-such-thing", "/no-such-thing/en"])
def test_a_card_of_no_petition_cannot_be_framed_either(world: World, path: str) -> None:
    response = get(f"/embed{path}")

    assert response.status == 404
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_other_sites_can_read_what_is_public_and_nothing_else(world: World) -> None:
    for name, headers in _responses(world).items():
        allowed = headers.get("Access-Control-Allow-Origin")
        public = "/api/petitions/" in name or "/feed." in name
        assert allowed == ("*" if public else None), name
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("more", ["", "/share", "/poster", "/subscribe", "/manage"])
def test_a_page_is_the_same_whoever_reads_it_and_from_wherever_they_come(
    world: World, more: str
) -> None:
    """Nothing of a visitor is put into a page that may be passed on, printed or shared."""
    plain = get(f"/en/{SLUG}{more}")
    marked = call(
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
        response = get(f"/?{query}={target}", {"Host": "evil.example"})
        assert response.status == 303
        assert response.headers["Location"] == f"/en/{SLUG}"
