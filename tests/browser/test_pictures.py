"""The picture of a petition in a browser: shown, printed, blocked, and opened by itself."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitors import SLUG, Visitor

Arrive = Callable[..., Visitor]
PICTURE: Final = ".picture img"
EMBED: Final = f"/embed/{SLUG}/en"
SHOWN: Final = "e => e.complete && e.naturalWidth > 0"


def box(page: Page, selector: str) -> tuple[float, float]:
    """Width and height of an element."""
    found = page.locator(selector).bounding_box()
    assert found
    return found["width"], found["height"]


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("part", ["", "poster", "embed"])
def test_the_picture_is_shown_on_every_screen(arrive: Arrive, part: str, width: int) -> None:
    visitor = arrive(width=width, javascript=False)
    visitor.go(EMBED if part == "embed" else visitor.path(*filter(None, [part])))

    assert visitor.page.locator(PICTURE).evaluate(SHOWN)
    assert box(visitor.page, PICTURE)[0] <= width
    expect(visitor.page.locator(".picture figcaption")).to_be_visible()


def test_the_page_leaves_the_place_of_a_picture_that_is_still_to_come(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    with_picture = box(visitor.page, PICTURE)

    visitor.page.route("**/pictures/**", lambda route: route.abort())
    visitor.go(visitor.path())

    assert box(visitor.page, PICTURE) == with_picture
    visitor.complaints.clear()


def test_a_low_frame_shows_the_rest_of_the_card(arrive: Arrive) -> None:
    visitor = arrive()
    for height, shown in ((490, True), (330, False)):
        visitor.page.set_viewport_size({"width": 480, "height": height})
        visitor.go(EMBED)

        expect(visitor.page.locator(PICTURE)).to_be_visible(visible=shown)
        expect(visitor.page.locator(".button")).to_be_in_viewport(ratio=1)


def test_a_picture_that_is_opened_by_itself_may_run_nothing(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    address = visitor.page.locator(PICTURE).get_attribute("src")
    assert address

    visitor.go(address)

    assert visitor.page.evaluate("document.documentElement.localName") == "svg"
    assert visitor.page.evaluate("window.origin") == "null"


def test_the_poster_keeps_its_picture_and_its_code_on_one_sheet(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.go(visitor.path("poster"))
    visitor.page.emulate_media(media="print")

    sheet, picture, code = (
        visitor.page.locator(selector).bounding_box() for selector in (".sheet", PICTURE, ".qr")
    )
    assert sheet
    assert picture
    assert code
    assert picture["height"] > sheet["height"] / 6
    assert code["y"] + code["height"] < sheet["y"] + sheet["height"]
