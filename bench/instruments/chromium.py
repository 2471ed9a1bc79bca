"""A headless Chromium of this machine, and a phone on a slow line as its own tools imitate it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.positions import Screen

NONE_HERE: Final = "**Not measured in this run**: there is no Chromium here."

CPU_SLOWDOWN: Final = 4
ROUND_TRIP_SECONDS: Final = 0.15
BITS_PER_SECOND: Final = 1_600 * 1024
_BITS_UP_PER_SECOND: Final = 750 * 1024
# Lighthouse's own corrections: Chromium delays whole requests, while a line delays each packet.
_DELAYED: Final = 3.75
_USABLE: Final = 0.9


def path() -> str | None:
    """Where Chromium is on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def running(*features: str) -> Iterator[Browser]:
    """One Chromium, with these features. Raises AssertionError where `path` finds none."""
    executable = path()
    assert executable
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", *(f"--enable-features={name}" for name in features)]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@contextmanager
def visitor(
    browser: Browser, screen: Screen, *, slow: bool = False, javascript: bool = True
) -> Iterator[Page]:
    """The page of somebody who has been nowhere yet; `slow` is a phone on a slow line."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height}, java_script_enabled=javascript
    )
    page = context.new_page()
    if slow:
        _slow_down(context, page)
    yield page
    context.close()


def _slow_down(context: BrowserContext, page: Page) -> None:
    devtools = context.new_cdp_session(page)
    line = {
        "offline": False,
        "latency": ROUND_TRIP_SECONDS * 1000 * _DELAYED,
        "downloadThroughput": BITS_PER_SECOND * _USABLE / 8,
        "uploadThroughput": _BITS_UP_PER_SECOND * _USABLE / 8,
    }
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", line)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
