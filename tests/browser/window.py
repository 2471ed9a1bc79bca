"""A browser in front of the service in this process: every state of it is within reach.

What the browser asks of the service's address is handed to the real routes, over moto; no server
runs, and the test holds the clock, the limits and the faults.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route

from ops.compiling import ROOT
from ops.content.petition_loader import PETITIONS_FOLDER, read_petition, read_update
from tests import builders
from tests.browser.visitors import SLUG as TEXT
from tests.browser.visitors import UPDATE
from tests.routes import requests
from tests.world import PUBLIC_URL, World

SLUG: Final = builders.petition().slug
HEIGHT: Final = 844
_FOLDER: Final = ROOT / PETITIONS_FOLDER / TEXT


@dataclass(kw_only=True)
class Window:
    """One window of a browser, in one language, and the world behind it."""

    world: World
    context: BrowserContext
    page: Page
    language: str
    strip: str = ""
    """An element that the answers come without, such as `svg`."""

    @classmethod
    def open(
        cls,
        browser: Browser,
        world: World,
        *,
        language: str = "en",
        width: int = 1280,
        javascript: bool = True,
    ) -> Self:
        """Open a window on a world in which the petition with its full text is published."""
        publish(world)
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            locale=language,
            base_url=PUBLIC_URL,
        )
        context.set_default_timeout(10_000)
        opened = cls(world=world, context=context, page=context.new_page(), language=language)
        context.route("**/*", opened._answer)
        return opened

    def _answer(self, route: Route) -> None:
        asked = route.request
        address = urlsplit(asked.url)
        if f"{address.scheme}://{address.netloc}" != PUBLIC_URL:
            route.abort()
            return
        # The browser adds this header only after a request has passed by here.
        headers = {**asked.headers, "sec-fetch-site": "same-origin"}
        answer = requests.call(
            asked.method,
            address.path + (f"?{address.query}" if address.query else ""),
            body=asked.post_data_buffer or b"",
            headers=headers,
        )
        text = answer.text
        if self.strip:
            text = re.sub(rf"<{self.strip}\b.*?</{self.strip}>", "", text, flags=re.DOTALL)
        route.fulfill(status=answer.status, headers=dict(answer.headers), body=text)

    def path(self, *parts: str) -> str:
        """The path of the petition, or of something below it."""
        return "/".join(["", self.language, SLUG, *parts])

    def go(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(path)

    def press(self, button: str = "main form button") -> None:
        """Press a button, usually the page's first; wait for the next page, let mails go out."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        self.world.settle()

    def fill_in(self, email: str, *, name: str = "Алеся Ёўга") -> None:
        """Go to the petition and fill in its form."""
        self.go(self.path())
        self.page.fill("#name", name)
        self.page.fill("#email", email)

    def ask_to_sign(self, email: str, *, name: str = "Алеся Ёўга", alerts: bool = False) -> None:
        """Fill in the sign form and send it."""
        self.fill_in(email, name=name)
        self.page.set_checked("#alerts", alerts)
        self.press()

    def ask(self, form: str, email: str) -> None:
        """Fill in a form that asks for an address and nothing else, and send it."""
        self.go(self.path(form))
        self.page.fill("#email", email)
        self.press()

    def follow(self, door_name: str) -> None:
        """Follow the link to this kind of page in the mail that came last."""
        self.go(self.world.link_to(door_name))


def publish(world: World, **changes: object) -> None:
    """Publish the petition and the update that come with the service, in the world's own time."""
    petition = read_petition(_FOLDER, development_key=builders.petition().public_key)
    usual = {"slug": SLUG, "opens_on": date(2026, 1, 1), "closes_on": date(2026, 12, 31)}
    world.publish(replace(petition, **{**usual, **changes}))  # type: ignore[arg-type]
    update = read_update(_FOLDER / "updates" / UPDATE)
    world.publish_update(replace(update, slug=SLUG, published_on=date(2026, 3, 1)))
