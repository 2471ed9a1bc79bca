"""Attacker: another website that acts for its visitors without their knowledge.

Can post forms from a visitor's browser (CSRF), frame pages (clickjacking), read public responses
and link to the service. Protected: signatures, subscriptions, and the visitor's data.
"""

import pytest

import app
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORM_TYPE, SLUG, call, get, path_of, post, post_routes
from tests.world import World

CROSS_SITE_HEADERS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "sideways"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://zaklik.example.evil.example"},
    {"Origin": "http://zaklik.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://zaklik.example"},
)
CARD_PATH = f"/embed/{SLUG}"


@pytest.mark.parametrize("headers", CROSS_SITE_HEADERS, ids=str)
def test_a_cross_site_post_is_refused_by_every_route(world: World, headers: dict[str, str]) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()
    link, mails = world.link(), len(world.mails())
    token = link.rpartition("/")[2]

    # A token of another purpose opens nothing there.
    statuses = dict.fromkeys(post_routes(), 403) | {"/{language}/unsubscribe/{token}": 404}
    for route, status in statuses.items():
        response = call(
            "POST",
            path_of(route, token=token),
            body=b"name=Ada&email=ada%40example.org&country=PL&do=delete",
            headers={"Content-Type": FORM_TYPE, **headers},
        )
        assert response.status == status, route
    world.deliver_all()
    assert world.stored_items("signatures") == []
    assert len(world.mails()) == mails


def _headers_of_every_route(world: World) -> dict[str, dict[str, str]]:
    world.publish_update()
    world.sign()
    world.deliver_all()
    token = world.link().rpartition("/")[2]
    get_routes = [route for route, methods in app.app.routes.items() if "GET" in methods]
    responses = {f"GET {route}": get(path_of(route, token=token)) for route in get_routes}
    responses |= {f"POST {route}": post(path_of(route, token=token)) for route in post_routes()}
    responses["accepted"] = post(f"/en/{SLUG}/sign", builders.sign_form())
    return {name: dict(response.headers) for name, response in responses.items()}


def test_only_the_card_can_be_framed(world: World) -> None:
    """A transparent frame would let a page be clicked by mistake."""
    for name, headers in _headers_of_every_route(world).items():
        framable = name.startswith("GET /embed/")
        policy = headers["Content-Security-Policy"]
        assert ("frame-ancestors *" in policy) == framable, name
        assert ("frame-ancestors 'none'" in policy) != framable, name
        assert (headers.get("X-Frame-Options") == "DENY") != framable, name


@pytest.mark.parametrize(
    "path", [CARD_PATH, f"{CARD_PATH}/en", f"{CARD_PATH}/be", f"{CARD_PATH}/ru"]
)
def test_the_card_offers_nothing_to_clickjacking(world: World, path: str) -> None:
    response = get(path)
    page = ParsedPage(response.text)

    assert page.all("form", "input", "button", "script", "select") == []
    assert "form-action 'none'" in response.headers["Content-Security-Policy"]
    for link in page.all("a"):
        assert link["href"].startswith("/")
        assert link["target"] in ("_blank", "_top")
        assert "noopener" in link["rel"] or link["target"] == "_top"


@pytest.mark.parametrize("path", ["/no-such-thing", "/no-such-thing/en"])
def test_the_card_of_an_unknown_petition_cannot_be_framed(world: World, path: str) -> None:
    response = get(f"/embed{path}")

    assert response.status == 404
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_other_sites_can_read_only_feeds_and_public_json(world: World) -> None:
    for name, headers in _headers_of_every_route(world).items():
        allowed = headers.get("Access-Control-Allow-Origin")
        public = "/api/petitions/" in name or "/feed." in name
        assert allowed == ("*" if public else None), name
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("more", ["", "/share", "/poster", "/subscribe", "/manage"])
def test_a_page_does_not_depend_on_query_headers_or_client_address(world: World, more: str) -> None:
    """A page that may be shared or printed holds nothing of its visitor."""
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
def test_there_is_no_open_redirect(world: World, target: str) -> None:
    for query in ("next", "url", "redirect", "return"):
        response = get(f"/?{query}={target}", {"Host": "evil.example"})
        assert response.status == 303
        assert response.headers["Location"] == f"/en/{SLUG}"
