"""Every kind of page can be used by everybody: axe, narrow screens, large text, keyboards."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from chalicelib.rendering import assets
from tests.browser import barriers, gallery
from tests.browser.barriers import Scheme
from tests.browser.visitors import SLUG, Visitor
from tests.browser.window import Window
from tests.world import World

Arrive = Callable[..., Visitor]
LARGEST_PAGE_BYTES: Final = 14 * 1024


@pytest.mark.parametrize(
    ("language", "looks"),
    [
        ("en", [(1280, "light"), (320, "dark")]),
        ("be", [(390, "light")]),
        ("ru", []),
    ],
)
def test_every_kind_of_page_is_within_everybodys_reach(
    shared_world: World, browser: Browser, language: str, looks: Sequence[tuple[int, Scheme]]
) -> None:
    """Together: every page, on phone and wide screen, in both alphabets, light and dark.

    Russian and Belarusian pages differ only in the lengths of their words.
    """
    shared_world.reset()
    window = Window.open(browser, shared_world, language=language)
    page, devtools = window.page, window.context.new_cdp_session(window.page)
    faults: dict[str, list[str]] = {}

    for kind in gallery.every_page(window):
        found = barriers.disorder(page) + barriers.too_wide_for_its_texts(page, devtools)
        for width, scheme in looks:
            found += barriers.found_on(page, width=width, scheme=scheme)
        if found:
            faults[kind] = found

    window.context.close()
    assert faults == {}


def test_a_person_signs_with_the_keyboard_alone_and_sees_where_they_are(arrive: Arrive) -> None:
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
        stops.append(focused.get_attribute("id") or focused.get_attribute("href") or "")
        outline = focused.evaluate("e => getComputedStyle(e).outline")
        assert "solid 3px" in outline, (stops[-1], outline)
        if stops[-1] in ("name", "email"):
            keyboard.type("keys@example.org")
    keyboard.press("Tab")
    keyboard.press("Enter")

    before_the_form = ["#sign", f"/en/{SLUG}/feed.atom", "/en/privacy"]
    assert stops == [*before_the_form, "name", "email", "country", "alerts"]
    visitor.sees("Check your inbox")


def test_mails_can_be_read_in_the_outbox_in_the_dark(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.ask_to_sign("dark@example.org")
    visitor.mail_to("dark@example.org")
    grounds = []

    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.go("/_local/outbox")
        visitor.page.locator("summary").first.click()
        frame = visitor.page.locator("iframe").first
        grounds.append(frame.evaluate("e => getComputedStyle(e).backgroundColor"))

    assert grounds[0] == "rgb(255, 255, 255)"
    assert grounds[1] != grounds[0]


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_the_petition_and_its_script_are_two_small_requests(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language, width=390)

    visitor.go(visitor.path())
    visitor.page.wait_for_load_state("networkidle")

    sent = [
        visitor.service.ask(
            "GET", urlsplit(url).path, headers={"accept-encoding": "gzip"}, decode_content=False
        )
        for url in visitor.requests
    ]
    script = visitor.service.url.rstrip("/") + assets.static("page.js")
    assert visitor.requests == [visitor.page.url, script]
    assert sum(len(answer.data) for answer in sent) <= LARGEST_PAGE_BYTES
