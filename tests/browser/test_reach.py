"""Every kind of page can be used by everybody: axe, narrow screens, large text, keyboards."""

from collections.abc import Callable, Iterator
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, expect

from tests.browser.visitors import UPDATE, Visitor

Arrive = Callable[..., Visitor]
NARROWEST: Final = 320
"""WCAG 2.2, 1.4.10: at 320 CSS pixels nothing scrolls sideways."""
TEXT_SIZES: Final = ({"standard": 32, "fixed": 26}, {"standard": 16, "fixed": 13})
"""Twice the usual size of text (WCAG 2.2, 1.4.4), as a browser's settings have it; and usual."""
LARGEST_PAGE_BYTES: Final = 14 * 1024


def kinds_of_page(visitor: Visitor) -> Iterator[str]:
    """Go through the site; the name of each kind of page while it is shown."""
    email = f"reach-{visitor.language}@example.org"
    yield from _signing(visitor, email)
    yield from _withdrawing(visitor, email)
    yield from _subscribing(visitor, f"news-{email}")
    for name, path in {
        "update": visitor.path("updates", UPDATE),
        "privacy": f"/{visitor.language}/privacy",
        "petitions": f"/{visitor.language}",
        "broken link": f"/{visitor.language}/confirm/nothing",
        "nothing here": f"/{visitor.language}/no-such-petition",
        "outbox": "/_local/outbox",
    }.items():
        visitor.go(path)
        yield name


def _signing(visitor: Visitor, email: str) -> Iterator[str]:
    visitor.go(visitor.path())
    yield "petition"
    visitor.ask_to_sign("no address", name="")
    yield "petition with mistakes"
    visitor.ask_to_sign(email)
    yield "inbox"
    visitor.page.fill("#code", "00000000")
    visitor.press()
    yield "inbox with a wrong code"
    visitor.go(visitor.link_in(visitor.mail_to(email)))
    yield "confirm"
    visitor.press()
    yield "thanks"


def _withdrawing(visitor: Visitor, email: str) -> Iterator[str]:
    visitor.go(visitor.path("withdraw"))
    yield "withdraw"
    visitor.press()
    yield "withdraw with mistakes"
    visitor.page.fill("#email", email)
    visitor.press()
    yield "withdraw: look in your inbox"
    visitor.go(visitor.link_in(visitor.mail_to(email, count=2), to=f"{visitor.language}/withdraw"))
    yield "withdraw?"
    visitor.press()
    yield "withdrawn"


def _subscribing(visitor: Visitor, email: str) -> Iterator[str]:
    visitor.go(visitor.path("subscribe"))
    yield "subscribe"
    visitor.page.fill("#email", email)
    visitor.press()
    visitor.go(visitor.link_in(visitor.mail_to(email)))
    yield "confirm alerts"


def violations(visitor: Visitor) -> list[str]:
    """What axe finds, as a rule and the first element that breaks it."""
    # Two hundred countries take axe longer than all the rest of the page.
    found = Axe().run(
        visitor.page,
        context={"exclude": [["option + option"]]},
        options={"resultTypes": ["violations"]},
    )
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found.response["violations"]
    ]


def scrolls_sideways(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def too_wide(visitor: Visitor, devtools: CDPSession, width: int) -> list[str]:
    """Where a page scrolls sideways: on the narrowest screen, or on a phone with large text."""
    found = []
    large, usual = TEXT_SIZES
    visitor.page.set_viewport_size({"width": NARROWEST, "height": 640})
    if scrolls_sideways(visitor):
        found.append(f"scrolls sideways at {NARROWEST} px")
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    devtools.send("Page.setFontSizes", {"fontSizes": large})
    if scrolls_sideways(visitor):
        found.append("scrolls sideways with large text")
    devtools.send("Page.setFontSizes", {"fontSizes": usual})
    visitor.page.set_viewport_size({"width": width, "height": 844})
    return found


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 1280, "dark"), ("be", 320, "light"), ("ru", 390, "dark")],
)
def test_every_kind_of_page_is_within_everybodys_reach(
    arrive: Arrive, language: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    visitor = arrive(language=language, width=width)
    visitor.page.emulate_media(color_scheme=scheme)
    devtools = visitor.context.new_cdp_session(visitor.page)
    faults: dict[str, list[str]] = {}

    for kind in kinds_of_page(visitor):
        if found := violations(visitor) + too_wide(visitor, devtools, width):
            faults[kind] = found

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

    assert stops == ["#sign", "/en/privacy", "name", "email", "country", "alerts"]
    visitor.sees("Look in your inbox")


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
def test_the_petition_is_one_small_request(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language, width=390)

    visitor.go(visitor.path())
    visitor.page.wait_for_load_state("networkidle")

    answer = visitor.service.ask(
        "GET", visitor.path(), headers={"accept-encoding": "gzip"}, decode_content=False
    )
    assert visitor.requests == [visitor.page.url]
    assert len(answer.data) <= LARGEST_PAGE_BYTES
