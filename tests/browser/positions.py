"""Where on the petition page the first demand begins, and the form's field and button are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, FloatRect, Page

from tests.browser.window import Window
from tests.world import World

DEMAND: Final = ".demands > :first-child"
NAME: Final = "#name"
BUTTON: Final = "form:has(#email) button"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A size in CSS pixels, and the pixels from the top of the page by which things must come."""

    name: str
    width: int
    height: int
    demand_begins_by: int
    button_ends_by: int


@dataclass(frozen=True, kw_only=True)
class Positions:
    """CSS pixels from the top of the page."""

    demand_begins: int
    name_begins: int
    button_ends: int


PHONE: Final = Screen(
    name="phone", width=390, height=844, demand_begins_by=2 * 844, button_ends_by=1200
)
WIDE: Final = Screen(
    name="wide screen", width=1280, height=800, demand_begins_by=800, button_ends_by=700
)
SCREENS: Final = (PHONE, WIDE)


def measured(browser: Browser, world: World, screen: Screen, language: str) -> Positions:
    """Open the petition page without scripts, with as large a number as it soon may show."""
    world.reset()
    size = {"width": screen.width, "height": screen.height}
    window = Window.open(browser, world, language=language, javascript=False, **size)
    world.raise_tally(without_country=1234)
    world.set_figures()
    window.go(window.path())
    found = _positions_on(window.page)
    window.context.close()
    return found


def _positions_on(page: Page) -> Positions:
    demand, name, button = (_box(page, each) for each in (DEMAND, NAME, BUTTON))
    return Positions(
        demand_begins=round(demand["y"]),
        name_begins=round(name["y"]),
        button_ends=round(button["y"] + button["height"]),
    )


def _box(page: Page, selector: str) -> FloatRect:
    """The box of the first such element, as it lies when nobody has scrolled."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not shown"
    return box


def missed_goals(screen: Screen, found: Positions) -> Sequence[str]:
    """What begins or ends too far down, each with its pixels and its goal."""
    too_low = {
        "first demand begins": (found.demand_begins, screen.demand_begins_by),
        "form's button ends": (found.button_ends, screen.button_ends_by),
    }
    return [
        f"the {what} at {pixels:,} px on the {screen.name}, goal {goal:,}"
        for what, (pixels, goal) in too_low.items()
        if pixels > goal
    ]
