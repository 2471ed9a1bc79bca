"""Response headers: caching, security, types and indexing."""

import base64
import hashlib

import pytest

from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORMS, SAME_ORIGIN, SLUG, ApiResponse, call, get, post
from tests.world import World

SECURITY = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CACHED_PATHS = (
    f"/en/{SLUG}",
    "/en",
    "/en/privacy",
    f"/en/{SLUG}/updates/first-news",
    f"/en/{SLUG}/feed.atom",
    f"/en/{SLUG}/feed.json",
    f"/en/{SLUG}/share",
    f"/en/{SLUG}/poster",
    f"/embed/{SLUG}",
    f"/embed/{SLUG}/en",
    f"/api/petitions/{SLUG}",
    f"/api/petitions/{SLUG}/count",
)


def _responses() -> dict[str, ApiResponse]:
    return {
        "page": get(f"/en/{SLUG}"),
        "json": get(f"/api/petitions/{SLUG}"),
        "feed": get(f"/en/{SLUG}/feed.atom"),
        "redirect": get("/"),
        "not found": get("/en/nothing"),
        "broken link": get("/en/confirm/AAAA"),
        "unreadable": post(FORMS[0], b"{}", {**SAME_ORIGIN, "Content-Type": "application/json"}),
        "refused form": post(FORMS[0], {"name": ""}),
        "cross-site": post(FORMS[0], {}, {**SAME_ORIGIN, "Sec-Fetch-Site": "cross-site"}),
        "accepted form": post(FORMS[0], builders.sign_form()),
        "head": call("HEAD", f"/en/{SLUG}"),
    }


def test_every_response_has_the_security_headers(
    with_update: World,
) -> None:
    for kind, response in _responses().items():
        assert response.headers.items() >= SECURITY.items(), kind
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), kind
        for directive in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert directive in policy, kind
        assert "unsafe" not in policy, kind
        assert "http" not in policy.replace(f"{PUBLIC_URL}/static/", ""), kind


def test_every_response_has_a_content_type_with_its_encoding(with_update: World) -> None:
    kinds = {kind: response.headers["Content-Type"] for kind, response in _responses().items()}

    assert kinds.pop("json") == "application/json"
    assert kinds.pop("feed") == "application/atom+xml; charset=utf-8"
    assert kinds.pop("redirect") == "text/plain; charset=utf-8"
    assert set(kinds.values()) == {"text/html; charset=utf-8"}


def test_no_response_sets_a_cookie(with_update: World) -> None:
    for kind, response in _responses().items():
        assert "set-cookie" not in {name.lower() for name in response.headers}, kind


@pytest.mark.parametrize(
    "path",
    [
        f"/en/{SLUG}",
        f"/en/{SLUG}/share",
        f"/en/{SLUG}/poster",
        f"/embed/{SLUG}/en",
        "/en/no-such-petition",
        "/en/confirm/nothing",
    ],
)
def test_the_content_security_policy_allows_only_the_style_of_the_page(
    with_update: World, path: str
) -> None:
    response = get(path)

    [style] = ParsedPage(response.text).all("style")
    digest = base64.b64encode(hashlib.sha256("".join(style.parts).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]


def test_pages_contain_nothing_that_the_policy_blocks(with_update: World) -> None:
    for path in (*CACHED_PATHS[:4], f"/en/{SLUG}/share", f"/en/{SLUG}/poster", f"/embed/{SLUG}/en"):
        page = ParsedPage(get(path).text)
        assert page.all("iframe", "img", "object", "embed") == []
        assert all(script["src"].startswith("/static/") for script in page.all("script"))
        assert [script.text for script in page.all("script") if script.text] == []
        assert [e.tag for e in page.elements if e.get("style")] == []
        assert [e for e in page.elements if any(n.startswith("on") for n in e.attributes)] == []
        loaded = [e["href"] for e in page.all("link") if e["rel"] != "alternate"]
        assert [address for address in loaded if not address.startswith(("/", "data:"))] == []


def test_public_pages_are_cached_by_the_cdn_but_not_by_browsers(with_update: World) -> None:
    controls = {get(path).headers["Cache-Control"] for path in CACHED_PATHS}

    assert controls == {
        "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400"
    }


def test_the_cache_time_of_the_cdn_is_a_setting(world: World) -> None:
    world.environment["ZAKLIK_PAGE_CACHE_SECONDS"] = "25"
    world.restart()

    assert "s-maxage=25, stale-while-revalidate=150," in get("/en").headers["Cache-Control"]


def test_a_changed_page_is_sent_in_full(world: World) -> None:
    before = get(f"/en/{SLUG}").headers["ETag"]
    world.raise_tally(PL=7)
    world.set_figures()

    after = get(f"/en/{SLUG}", {"If-None-Match": before})

    assert after.status == 200
    assert "At least 5 people have signed" in ParsedPage(after.text).text


def test_responses_to_forms_and_mailed_links_are_never_cached(world: World) -> None:
    accepted = post(FORMS[0], builders.sign_form())
    refused = post(FORMS[0], builders.sign_form(name=""))
    world.deliver_all()
    link = world.link()

    for response in (accepted, refused, get(link), post(link), get(f"/en/{SLUG}/manage")):
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers


def test_search_engines_may_index_public_pages_only(world: World) -> None:
    world.publish_update()
    world.sign()
    world.deliver_all()

    def hidden(path: str) -> bool:
        metas = ParsedPage(get(path).text).all("meta")
        return any(e.get("name") == "robots" and e["content"] == "noindex" for e in metas)

    assert not any(hidden(path) for path in CACHED_PATHS[:4])
    assert hidden(world.link())
    assert hidden(f"/en/{SLUG}/manage")
    assert hidden("/en/nothing")
