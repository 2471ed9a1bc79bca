"""The form and the first demand lie where a visitor meets them early, in every language.

Pixels depend on the fonts of this machine: a failure says what was measured here.
"""

import pytest
from playwright.sync_api import Browser

from tests.browser import positions
from tests.browser.positions import SCREENS, Screen
from tests.browser.visitors import LANGUAGES
from tests.world import World


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_meets_the_form_and_the_first_demand_early(
    world: World, browser: Browser, language: str, screen: Screen
) -> None:
    found = positions.measured(browser, world, screen, language)

    missed = positions.missed_goals(screen, found)
    assert not missed, "; ".join(missed)
