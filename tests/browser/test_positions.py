"""The form and the first demand lie where a visitor meets them early, in every language.

Pixels depend on the fonts of this machine: a failure says what was measured here.
"""

import pytest
from playwright.sync_api import Browser

from tests.browser import positions
from tests.browser.positions import SCREENS, Screen
from tests.browser.visitors import LANGUAGES
from tests.browser.window import Window
from tests.world import World


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_meets_the_form_and_the_first_demand_early(
    world: World, browser: Browser, language: str, screen: Screen
) -> None:
    window = Window.open(
        browser,
        world,
        language=language,
        width=screen.width,
        height=screen.height,
        javascript=False,
    )
    window.go(window.path())

    missed = positions.missed_goals(screen, positions.positions_on(window.page))

    window.context.close()
    assert not missed, "; ".join(missed)
