"""A whole campaign by the browser alone: from the invitation to the certificate."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import accessibility
from tests.browser.accessibility import Scheme
from tests.browser.campaign import ADDRESS, SIGNER, Campaign
from tests.browser.desk import DeskVisitor

LOOKS: list[tuple[int, Scheme]] = [(390, "dark"), (1280, "light")]


def test_a_campaign_needs_nothing_but_a_browser(
    arrive_at_desk: Callable[..., DeskVisitor],
    browser: Browser,
    zaklik: Callable[..., str],
    tmp_path: Path,
) -> None:
    organiser = arrive_at_desk()
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found = [
            fault
            for width, scheme in LOOKS
            for fault in accessibility.violations_on(organiser.page, width=width, scheme=scheme)
            # Without scripts, pages of progress can show news in no other way.
            if not fault.startswith("meta-refresh")
        ]
        if found := [*found, *accessibility.structure_faults(organiser.page)]:
            faults[name] = found

    campaign = Campaign(
        organiser=organiser, browser=browser, zaklik=zaklik, stick=tmp_path, look=look
    )
    rows = campaign.until_the_list().decode("utf-8-sig")
    campaign.hand_in()
    campaign.end()
    checked = campaign.read_trail()

    [row] = csv.DictReader(io.StringIO(rows))
    assert (row["name"], row["email"], row["language"]) == (SIGNER, ADDRESS, "be")
    assert "none changed or missing" in checked
    assert faults == {}
