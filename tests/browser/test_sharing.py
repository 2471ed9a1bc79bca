"""Sharing, quick exit and live count, with scripts and without."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.visitors import LANGUAGES, SLUG, Visitor
from tests.ops.local.conftest import LocalRun

Arrive = Callable[..., Visitor]
COUNT: Final = f"**/api/petitions/{SLUG}/count"
ELSEWHERE: Final = "**/elsewhere"
"""The path in place of the quick exit's target: tests call no other machine."""


def stub_counts(page: Page, counts: list[int]) -> list[float]:
    """Respond with these counts, the last one repeatedly; returns the times of the requests."""
    request_times: list[float] = []

    def fulfil(route: Route) -> None:
        request_times.append(page.evaluate("Date.now() / 1000"))
        count = counts[min(len(request_times), len(counts)) - 1]
        words = {
            "text": f"At least {count:,} people have signed",
            "progress": f"{count:,} of 5,000",
            "remaining": f"{5000 - count:,} more to reach 5,000",
        }
        in_english = {name: {"en": sentence} for name, sentence in words.items()}
        route.fulfill(json={"slug": SLUG, "count": count, "goal": 5000, **in_english})

    page.route(COUNT, fulfil)
    return request_times


def stub_exit(visitor: Visitor) -> str:
    """Point the quick exit at a local page; returns its address."""
    visitor.page.route(ELSEWHERE, lambda route: route.fulfill(body="<h1>Elsewhere</h1>"))
    visitor.page.evaluate("document.querySelector('[data-exit]').href = '/elsewhere'")
    return visitor.service.url.rstrip("/") + "/elsewhere"


# Copying and sharing.


def test_a_button_copies_the_link(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.go(visitor.path("share"))
    button = visitor.page.get_by_role("button", name="Copy the link")

    button.click()

    expect(visitor.page.locator("[data-copy=link]")).to_have_text("Copied")
    clipboard = visitor.page.evaluate("navigator.clipboard.readText()")
    assert clipboard == visitor.service.url.rstrip("/") + visitor.path()


def test_without_a_clipboard_the_link_is_selected(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = function () { return false; };"
    )
    visitor.go(visitor.path("share"))

    visitor.page.get_by_role("button", name="Copy the link").click()

    selection = visitor.page.evaluate("window.getSelection().toString()")
    assert selection == visitor.page.input_value("#link")
    expect(visitor.page.locator("[data-copy=link]")).to_have_text("Copy the link")


def test_the_share_dialog_of_the_device_is_offered(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script(
        "navigator.share = function (what) { window.shared = what; return Promise.resolve(); };"
    )
    visitor.go(visitor.path("share"))

    visitor.page.get_by_role("button", name="Share", exact=True).click()

    shared = visitor.page.evaluate("window.shared")
    assert shared["url"] == visitor.page.input_value("#link")
    assert f"{shared['text']} {shared['url']}" == visitor.page.input_value("#ready")


def test_what_a_signer_shares_does_not_say_that_they_have_signed(arrive: Arrive) -> None:
    visitor = arrive(language="be", width=390)
    visitor.page.add_init_script(
        "navigator.share = function (what) { window.shared = what; return Promise.resolve(); };"
    )
    visitor.sign("sharer@example.org")

    visitor.page.locator("[data-share]").click()

    shared = visitor.page.evaluate("window.shared")
    assert set(shared) == {"text", "url"}
    assert visitor.page.title() not in shared["text"]
    assert shared["url"] == visitor.service.url.rstrip("/") + visitor.path()


def test_a_signer_copies_the_sentence_with_the_link(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.sign("copier@example.org")

    visitor.page.get_by_role("button", name="Copy", exact=True).click()

    expect(visitor.page.locator("[data-copy=ready]")).to_have_text("Copied")
    clipboard = visitor.page.evaluate("navigator.clipboard.readText()")
    assert clipboard == visitor.page.input_value("#ready")
    assert clipboard.endswith(visitor.service.url.rstrip("/") + visitor.path())


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_two_buttons_that_are_easily_hit_stand_in_a_row(
    arrive: Arrive, width: int
) -> None:
    visitor = arrive(width=width, language="ru", javascript=False)
    visitor.go(visitor.path("share"))

    boxes = [link.bounding_box() for link in visitor.page.locator(".apps a").all()]

    rows = [box["y"] for box in boxes if box]
    assert len(rows) == 4
    assert rows == [rows[0]] * 2 + [rows[2]] * 2
    assert all(box["height"] >= 44 for box in boxes if box)


@pytest.mark.parametrize("javascript", [True, False])
def test_no_button_without_a_function_is_shown(arrive: Arrive, javascript: bool) -> None:
    visitor = arrive(javascript=javascript)
    visitor.page.add_init_script("delete Navigator.prototype.share")
    visitor.go(visitor.path("share"))

    expect(visitor.page.locator("[data-share]")).to_be_hidden()
    shown = visitor.page.locator("main button:visible").count()
    assert shown == (3 if javascript else 0)
    expect(visitor.page.locator("#link")).to_be_visible()
    expect(visitor.page.locator(".qr svg")).to_be_visible()


# The poster.


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_poster_is_one_page_with_its_qr_code(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language)
    visitor.go(visitor.path("poster"))

    printed = visitor.page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".tools")).to_be_hidden()
    sheet, code = (
        visitor.page.locator(selector).bounding_box() for selector in (".sheet", ".qr svg")
    )
    assert sheet
    assert code
    assert code["y"] + code["height"] < sheet["y"] + sheet["height"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_that_prints_is_beside_the_first_link(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language, width=794)
    visitor.go(visitor.path("poster"))

    button = visitor.page.locator("[data-print]").bounding_box()
    link = visitor.page.locator(".tools > a").first.bounding_box()
    assert button
    assert link
    assert button["y"] < link["y"] + link["height"] / 2 < button["y"] + button["height"]


def test_a_button_prints_the_poster(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script("window.print = function () { window.printed = true; };")
    visitor.go(visitor.path("poster"))

    visitor.page.get_by_role("button", name="Print").click()

    assert visitor.page.evaluate("window.printed") is True


# The embedded card.


@contextmanager
def another_site(html: str) -> Iterator[str]:
    """Serves one page as another origin; returns its address."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_another_site_can_embed_only_the_card(service: LocalRun, browser: Browser) -> None:
    paths = (f"/embed/{SLUG}/en", f"/en/{SLUG}", f"/en/{SLUG}/share")
    html = "".join(f"<iframe src='{service.url.rstrip('/')}{path}'></iframe>" for path in paths)
    page = browser.new_context().new_page()

    with another_site(html) as address:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        shown = [frame.locator("main h1").count() for frame in page.frames[1:]]
    page.context.close()

    assert shown == [1, 0, 0]


# The quick exit.


def test_the_quick_exit_replaces_the_page_in_the_history(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go("/en")
    visitor.go(visitor.path())
    elsewhere = stub_exit(visitor)

    visitor.page.locator("[data-exit]").first.click()
    visitor.page.wait_for_url(elsewhere)
    visitor.page.go_back()

    assert visitor.page.url.endswith("/en")


def test_three_presses_of_escape_leave_the_site(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    elsewhere = stub_exit(visitor)

    for _ in range(2):
        visitor.page.keyboard.press("Escape")
    assert visitor.page.url.endswith(visitor.path())
    visitor.page.keyboard.press("Escape")

    visitor.page.wait_for_url(elsewhere)


def test_without_scripts_the_quick_exit_is_a_link(arrive: Arrive) -> None:
    visitor = arrive(javascript=False)
    visitor.go(visitor.path())
    exit_links = visitor.page.locator("[data-exit]")

    assert exit_links.count() == 2
    for exit_link in exit_links.all():
        assert str(exit_link.get_attribute("href")).startswith("https://")
        assert exit_link.get_attribute("rel") == "noreferrer nofollow"


# The live count.


def test_the_count_is_refreshed_once_a_minute_at_most(arrive: Arrive) -> None:
    visitor = arrive()
    page = visitor.page
    page.clock.install()
    request_times = stub_counts(page, [1250, 1255])
    visitor.go(visitor.path())
    page.clock.run_for(59_000)
    assert request_times == []

    # A response takes real time, during which the page's clock stands still.
    for _ in range(60):
        page.clock.run_for(60_000)
        page.wait_for_timeout(50)
        if len(request_times) >= 4:
            break

    assert len(request_times) == 4
    assert all(later - earlier >= 59.99 for earlier, later in pairwise(request_times))
    assert page.locator("[data-reached] rect").first.get_attribute("width") == "25"


def test_the_refreshed_count_keeps_its_number_large(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.clock.install()
    stub_counts(visitor.page, [12_345])
    visitor.go(visitor.path())
    visitor.page.clock.run_for(61_000)

    text = visitor.page.locator("[data-live=text]:visible")
    expect(text).to_have_text("At least 12,345 people have signed")
    expect(text.locator("strong")).to_have_text("12,345")


def test_refreshing_ends_after_an_hour_or_an_error(arrive: Arrive) -> None:
    patient, unlucky = arrive(), arrive()
    for visitor in (patient, unlucky):
        visitor.page.clock.install()
    request_times = stub_counts(patient.page, [5])
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=404)

    unlucky.page.route(COUNT, refuse)

    for visitor in (patient, unlucky):
        visitor.go(visitor.path())
        for _ in range(75):
            visitor.page.clock.run_for(60_000)
            visitor.page.wait_for_timeout(0)

    assert len(request_times) <= 60
    assert len(refused) == 1


def test_a_hidden_page_does_not_refresh(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.clock.install()
    visitor.page.add_init_script(
        "Object.defineProperty(document, 'hidden', {get: function () { return !window.looking; }});"
    )
    request_times = stub_counts(visitor.page, [5])
    visitor.go(visitor.path())

    visitor.page.clock.run_for(61_000)
    hidden_count = len(request_times)
    visitor.page.evaluate(
        "window.looking = true; document.dispatchEvent(new Event('visibilitychange'))"
    )
    visitor.page.clock.run_for(1_000)
    visitor.page.wait_for_timeout(200)

    assert (hidden_count, len(request_times)) == (0, 1)
