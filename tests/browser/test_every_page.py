"""Accessibility of every kind of page: axe, narrow screens, large text, keyboard, size."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from chalicelib.rendering import assets
from tests.browser import accessibility, page_catalogue
from tests.browser.accessibility import Scheme
from tests.browser.visitors import LANGUAGES, Visitor
from tests.browser.window import Window
from tests.world import World

Arrive = Callable[..., Visitor]
LARGEST_PAGE_BYTES: Final = 14 * 1024
LARGEST_PICTURE_BYTES: Final = 25 * 1024


@pytest.mark.parametrize(
    ("language", "views"),
    [
        ("en", [(1280, "light"), (320, "dark")]),
        ("be", [(390, "light")]),
        ("de", [(320, "light")]),
        *((code, []) for code in LANGUAGES if code not in {"en", "be", "de"}),
    ],
)
def test_every_kind_of_page_is_accessible(
    shared_world: World, browser: Browser, language: str, views: Sequence[tuple[int, Scheme]]
) -> None:
    """Together: every page, on phone and wide screen, in both alphabets, light and dark.

    Pages in the other languages differ only in the lengths of their words; German has the longest.
    """
    shared_world.reset()
    window = Window.open(browser, shared_world, language=language)
    page, devtools = window.page, window.context.new_cdp_session(window.page)
    faults: dict[str, list[str]] = {}

    for kind in page_catalogue.every_page(window):
        page_faults = accessibility.structure_faults(page) + accessibility.overflow_at_large_sizes(
            page, devtools
        )
        for width, scheme in views:
            page_faults += accessibility.violations_on(page, width=width, scheme=scheme)
        if page_faults:
            faults[kind] = page_faults

    window.context.close()
    assert faults == {}


def test_every_tab_stop_to_the_form_is_outlined(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    keyboard, focused = visitor.page.keyboard, visitor.page.locator(":focus")
    stops: list[str] = []

    keyboard.press("Tab")
    expect(focused).to_have_attribute("href", "#main")
    expect(focused).to_be_in_viewport()
    keyboard.press("Enter")
    while (stops or [""])[-1] != "alerts":
        keyboard.press("Tab")
        stops.append(focused.evaluate("e => e.id || e.getAttribute('href') || e.localName"))
        outline = focused.evaluate("e => getComputedStyle(e).outline")
        assert "solid 3px" in outline, (stops[-1], outline)
        if stops[-1] in ("name", "email"):
            keyboard.type("keys@example.org")
    keyboard.press("Tab")
    keyboard.press("Enter")

    risk = country = "summary"
    assert stops == [risk, "name", "email", country, "alerts"]
    visitor.sees("Check your inbox")


def test_the_outbox_has_a_dark_scheme(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.ask_to_sign("dark@example.org")
    visitor.mail_to("dark@example.org")
    backgrounds = []

    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.go("/_local/outbox")
        visitor.page.locator("summary").first.click()
        frame = visitor.page.locator("iframe").first
        backgrounds.append(frame.evaluate("e => getComputedStyle(e).backgroundColor"))

    assert backgrounds[0] == "rgb(255, 255, 255)"
    assert backgrounds[1] != backgrounds[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_petition_is_two_small_requests_and_a_picture(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language, width=390)

    visitor.go(visitor.path())
    visitor.page.wait_for_load_state("networkidle")

    responses = {
        url: visitor.service.ask(
            "GET", urlsplit(url).path, headers={"accept-encoding": "gzip"}, decode_content=False
        )
        for url in visitor.requests
    }
    pictures = {
        url: response
        for url, response in responses.items()
        if response.headers["content-type"].startswith("image/")
    }
    script = visitor.service.url.rstrip("/") + assets.static("page.js")
    assert [url for url in responses if url not in pictures] == [visitor.page.url, script]
    assert len(pictures) <= 1
    picture_bytes = sum(len(response.data) for response in pictures.values())
    assert picture_bytes <= LARGEST_PICTURE_BYTES
    total_bytes = sum(len(response.data) for response in responses.values())
    assert total_bytes - picture_bytes <= LARGEST_PAGE_BYTES
