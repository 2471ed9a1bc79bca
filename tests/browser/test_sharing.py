"""Comfort for whoever runs scripts, and what stands there for everybody else."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.visitors import SLUG, Visitor
from tests.ops.local.conftest import LocalRun

Arrive = Callable[..., Visitor]
COUNT: Final = f"**/api/petitions/{SLUG}/count"
ELSEWHERE: Final = "**/elsewhere"
"""Stands for the page that the quick exit leads to: tests reach no other machine."""


def answer_counts(page: Page, counts: list[int]) -> list[float]:
    """Answer for the count: each number once, the last one again. Returns when it was asked."""
    asked: list[float] = []

    def fulfil(route: Route) -> None:
        asked.append(page.evaluate("Date.now() / 1000"))
        count = counts[min(len(asked), len(counts)) - 1]
        text = {"en": f"At least {count:,} people have signed"}
        route.fulfill(json={"slug": SLUG, "count": count, "goal": 5000, "text": text})

    page.route(COUNT, fulfil)
    return asked


def at_exit(visitor: Visitor) -> str:
    """Let the exit lead to a page of our own, which it is not; its address."""
    visitor.page.route(ELSEWHERE, lambda route: route.fulfill(body="<h1>Elsewhere</h1>"))
    visitor.page.evaluate("document.querySelector('[data-exit]').href = '/elsewhere'")
    return visitor.service.url.rstrip("/") + "/elsewhere"


# Copying and sharing.


def test_the_link_is_copied_by_a_button(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.go(visitor.path("share"))
    button = visitor.page.get_by_role("button", name="Copy the link")

    button.click()

    expect(visitor.page.locator("[data-copy=link]")).to_have_text("Copied")
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == visitor.service.url.rstrip("/") + visitor.path()


def test_where_nothing_may_be_written_to_the_clipboard_the_link_is_marked(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = function () { return false; };"
    )
    visitor.go(visitor.path("share"))

    visitor.page.get_by_role("button", name="Copy the link").click()

    marked = visitor.page.evaluate("window.getSelection().toString()")
    assert marked == visitor.page.input_value("#link")
    expect(visitor.page.locator("[data-copy=link]")).to_have_text("Copy the link")


def test_the_devices_own_way_to_share_is_offered_where_there_is_one(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script(
        "navigator.share = function (what) { window.shared = what; return Promise.resolve(); };"
    )
    visitor.go(visitor.path("share"))

    visitor.page.get_by_role("button", name="Share", exact=True).click()

    shared = visitor.page.evaluate("window.shared")
    assert shared["url"] == visitor.page.input_value("#link")


@pytest.mark.parametrize("javascript", [True, False])
def test_no_button_is_shown_that_would_do_nothing(arrive: Arrive, javascript: bool) -> None:
    visitor = arrive(javascript=javascript)
    visitor.page.add_init_script("delete Navigator.prototype.share")
    visitor.go(visitor.path("share"))

    expect(visitor.page.locator("[data-share]")).to_be_hidden()
    shown = visitor.page.locator("main button:visible").count()
    assert shown == (2 if javascript else 0)
    expect(visitor.page.locator("#link")).to_be_visible()
    expect(visitor.page.locator(".qr svg")).to_be_visible()


# The poster.


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_the_poster_is_one_sheet_with_all_that_belongs_on_it(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language)
    visitor.go(visitor.path("poster"))

    printed = visitor.page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".tools")).to_be_hidden()
    sheet, code = (visitor.page.locator(each).bounding_box() for each in (".sheet", ".qr svg"))
    assert sheet
    assert code
    assert code["y"] + code["height"] < sheet["y"] + sheet["height"]


def test_the_poster_can_be_printed_by_a_button(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.add_init_script("window.print = function () { window.printed = true; };")
    visitor.go(visitor.path("poster"))

    visitor.page.get_by_role("button", name="Print").click()

    assert visitor.page.evaluate("window.printed") is True


# The card for other sites.


@contextmanager
def another_site(html: str) -> Iterator[str]:
    """A site that is not ours, with one page; its address. Chromium tells real ports apart."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_the_card_is_shown_in_a_page_of_another_site_and_nothing_else_is(
    service: LocalRun, browser: Browser
) -> None:
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


def test_the_exit_takes_the_place_of_the_page_in_the_history(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go("/en")
    visitor.go(visitor.path())
    elsewhere = at_exit(visitor)

    visitor.page.locator("[data-exit]").click()
    visitor.page.wait_for_url(elsewhere)
    visitor.page.go_back()

    assert visitor.page.url.endswith("/en")


def test_three_presses_of_escape_lead_away_and_two_do_not(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    elsewhere = at_exit(visitor)

    for _ in range(2):
        visitor.page.keyboard.press("Escape")
    assert visitor.page.url.endswith(visitor.path())
    visitor.page.keyboard.press("Escape")

    visitor.page.wait_for_url(elsewhere)


def test_without_a_script_the_exit_is_a_link(arrive: Arrive) -> None:
    visitor = arrive(javascript=False)
    visitor.go(visitor.path())
    exit_link = visitor.page.locator("[data-exit]")

    assert str(exit_link.get_attribute("href")).startswith("https://")
    assert exit_link.get_attribute("rel") == "noreferrer nofollow"


# The live count.


def test_the_count_follows_and_asks_no_more_than_once_in_ten_seconds(arrive: Arrive) -> None:
    visitor = arrive()
    page = visitor.page
    page.clock.install()
    asked = answer_counts(page, [1250, 1255])
    visitor.go(visitor.path())
    page.clock.run_for(9_000)
    assert asked == []

    # An answer takes real time, in which the clock of the page stands still.
    for _ in range(60):
        page.clock.run_for(10_000)
        page.wait_for_timeout(10)
        if len(asked) >= 4:
            break

    assert len(asked) == 4
    assert all(later - earlier >= 9.99 for earlier, later in pairwise(asked))
    assert page.locator("rect").first.get_attribute("width") == "25"


def test_the_count_that_is_shown_keeps_its_number_large(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.clock.install()
    answer_counts(visitor.page, [12_345])
    visitor.go(visitor.path())
    visitor.page.clock.run_for(11_000)

    text = visitor.page.locator("[data-count-text]")
    expect(text).to_have_text("At least 12,345 people have signed")
    expect(text.locator("strong")).to_have_text("12,345")


def test_nobody_is_asked_any_more_after_ten_minutes_or_after_an_error(arrive: Arrive) -> None:
    patient, unlucky = arrive(), arrive()
    for visitor in (patient, unlucky):
        visitor.page.clock.install()
    asked = answer_counts(patient.page, [5])
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=404)

    unlucky.page.route(COUNT, refuse)

    for visitor in (patient, unlucky):
        visitor.go(visitor.path())
        for _ in range(75):
            visitor.page.clock.run_for(10_000)
            visitor.page.wait_for_timeout(0)

    assert len(asked) <= 60
    assert len(refused) == 1


def test_a_page_that_nobody_looks_at_asks_nothing(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.clock.install()
    visitor.page.add_init_script(
        "Object.defineProperty(document, 'hidden', {get: function () { return !window.looking; }});"
    )
    asked = answer_counts(visitor.page, [5])
    visitor.go(visitor.path())

    visitor.page.clock.run_for(60_000)
    unseen = len(asked)
    visitor.page.evaluate(
        "window.looking = true; document.dispatchEvent(new Event('visibilitychange'))"
    )
    visitor.page.clock.run_for(1_000)
    visitor.page.wait_for_timeout(200)

    assert (unseen, len(asked)) == (0, 1)
