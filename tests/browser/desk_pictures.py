"""Takes the pictures of the organisers' guide during a campaign.

Run `python -m tests.browser.desk_pictures`.
"""

import io
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from ops.compiling import ROOT, compile_all
from tests.browser.campaign import Campaign
from tests.browser.conftest import ARGUMENTS
from tests.browser.desk import DeskVisitor
from tests.ops.local.conftest import LocalRun

FOLDER: Final = ROOT / "docs" / "images"
PICTURES: Final = {
    "write": "desk-text",
    "text-be": "desk-translation",
    "keys": "desk-keys",
    "opening": "desk-opening",
    "overview": "desk-overview",
    "update-send": "desk-update",
    "list-link": "desk-list",
    "trail": "desk-trail",
}
"""The name of each picture's file by that of the page in the campaign."""
WIDTH: Final = 1000
HEIGHT: Final = 720
COLOURS: Final = 64
"""So few make a file small, and the pages have no more."""


def main() -> None:
    """Run the campaign on a service of its own, and write the pictures."""
    compile_all()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        service = LocalRun(folder / "state", "0")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        organiser = DeskVisitor.arrive(service, browser)

        def look(page: str) -> None:
            if page in PICTURES:
                _take(organiser, FOLDER / f"{PICTURES[page]}.png")

        campaign = Campaign(
            organiser=organiser, browser=browser, zaklik=service.zaklik, stick=folder, look=look
        )
        campaign.until_the_list()
        campaign.read_trail()
        browser.close()
        service.end(signal.SIGTERM)


def _take(organiser: DeskVisitor, path: Path) -> None:
    page = organiser.page
    before = page.viewport_size
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    drawn = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    drawn.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    if before:
        page.set_viewport_size(before)


if __name__ == "__main__":
    main()
