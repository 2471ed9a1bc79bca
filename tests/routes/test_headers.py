"""What is said beside the pages: how long they may be kept, and what browsers may do with them."""

import base64
import hashlib

import pytest

from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import FORMS, OWN_PAGE, SLUG, Answer, knock, read, send
from tests.world import World

SECURITY = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KEPT = (
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


def _answers() -> dict[str, Answer]:
    return {
        "page": read(f"/en/{SLUG}"),
        "json": read(f"/api/petitions/{SLUG}"),
        "feed": read(f"/en/{SLUG}/feed.atom"),
        "redirect": read("/"),
        "not found": read("/en/nothing"),
        "broken link": read("/en/confirm/AAAA"),
        "unreadable": send(FORMS[0], b"{}", {**OWN_PAGE, "Content-Type": "application/json"}),
        "refused form": send(FORMS[0], {"name": ""}),
        "cross-site": send(FORMS[0], {}, {**OWN_PAGE, "Sec-Fetch-Site": "cross-site"}),
        "accepted form": send(FORMS[0], builders.sign_form()),
        "head": knock("HEAD", f"/en/{SLUG}"),
    }


def test_every_answer_carries_the_headers_that_protect_its_reader(shared: World) -> None:
    for kind, answer in _answers().items():
        assert answer.headers.items() >= SECURITY.items(), kind
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), kind
        for directive in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert directive in policy, kind
        assert "unsafe" not in policy, kind
        assert "http" not in policy.replace(f"{PUBLIC_URL}/static/", ""), kind


def test_every_answer_names_its_type_and_encoding(shared: World) -> None:
    kinds = {kind: answer.headers["Content-Type"] for kind, answer in _answers().items()}

    assert kinds.pop("json") == "application/json"
    assert kinds.pop("feed") == "application/atom+xml; charset=utf-8"
    assert kinds.pop("redirect") == "text/plain; charset=utf-8"
    assert set(kinds.values()) == {"text/html; charset=utf-8"}


def test_no_answer_sets_a_cookie(shared: World) -> None:
    for kind, answer in _answers().items():
        assert "set-cookie" not in {name.lower() for name in answer.headers}, kind


def test_the_policy_lets_in_the_style_that_is_served_and_no_other(shared: World) -> None:
    answer = read(f"/en/{SLUG}")

    [style] = Page(answer.text).all("style")
    digest = base64.b64encode(hashlib.sha256("".join(style.parts).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_pages_hold_nothing_that_the_policy_would_block(shared: World) -> None:
    for path in (*KEPT[:4], f"/en/{SLUG}/share", f"/en/{SLUG}/poster", f"/embed/{SLUG}/en"):
        page = Page(read(path).text)
        assert page.all("iframe", "img", "object", "embed") == []
        assert all(script["src"].startswith("/static/") for script in page.all("script"))
        assert [script.text for script in page.all("script") if script.text] == []
        assert [e.tag for e in page.elements if e.get("style")] == []
        assert [e for e in page.elements if any(n.startswith("on") for n in e.attributes)] == []
        assert [e["href"] for e in page.all("link") if e["href"].startswith("http")] == []


@pytest.mark.parametrize("path", KEPT)
def test_what_is_the_same_for_all_may_be_kept_by_the_cdn_but_not_by_browsers(
    shared: World, path: str
) -> None:
    control = read(path).headers["Cache-Control"]

    assert control == (
        "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400"
    )


def test_the_time_that_the_cdn_keeps_a_page_is_a_setting(world: World) -> None:
    world.environment["ZAKLIK_PAGE_CACHE_SECONDS"] = "25"
    world.restart()

    assert "s-maxage=25, stale-while-revalidate=150," in read("/en").headers["Cache-Control"]


@pytest.mark.parametrize("path", KEPT)
def test_a_page_that_has_not_changed_is_not_sent_again(shared: World, path: str) -> None:
    first = read(path)

    second = read(path, {"If-None-Match": first.headers["ETag"]})

    assert second.status == 304
    assert second.text == ""
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_a_page_that_has_changed_is_sent(world: World) -> None:
    before = read(f"/en/{SLUG}").headers["ETag"]
    world.raise_tally(PL=7)

    after = read(f"/en/{SLUG}", {"If-None-Match": before})

    assert after.status == 200
    assert "At least 5 people have signed" in Page(after.text).text


def test_nothing_that_follows_a_form_or_a_mailed_link_is_kept_anywhere(world: World) -> None:
    asked = send(FORMS[0], builders.sign_form())
    refused = send(FORMS[0], builders.sign_form(name=""))
    world.deliver_all()
    link = world.link()

    for answer in (asked, refused, read(link), send(link), read(f"/en/{SLUG}/manage")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_only_pages_that_are_the_same_for_all_are_offered_to_search_engines(world: World) -> None:
    world.publish_update()
    world.sign()
    world.deliver_all()

    def hidden(path: str) -> bool:
        metas = Page(read(path).text).all("meta")
        return any(e.get("name") == "robots" and e["content"] == "noindex" for e in metas)

    assert not any(hidden(path) for path in KEPT[:4])
    assert hidden(world.link())
    assert hidden(f"/en/{SLUG}/manage")
    assert hidden("/en/nothing")
