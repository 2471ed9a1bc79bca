"""A browser window on the service in this process, whose state the test controls.

Playwright passes the browser's requests to the app's routes, over moto, without a server.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route

from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.domain.petitions.petition import Petition
from chalicelib.usecases.petitions import publishing
from ops.compiling import ROOT
from ops.content.petition_loader import PETITIONS_FOLDER, read_petition, read_update
from ops.content.pictures import files as picture_files
from tests import builders
from tests.browser.visitors import SLUG as EXAMPLE
from tests.browser.visitors import UPDATE
from tests.in_process_service import PUBLIC_URL
from tests.routes import requests
from tests.world import World

SLUG: Final = builders.petition().slug
HEIGHT: Final = 844
_FOLDER: Final = ROOT / PETITIONS_FOLDER / EXAMPLE


@dataclass(kw_only=True)
class Window:
    """A browser window in one language, and the service behind it."""

    world: World
    context: BrowserContext
    page: Page
    language: str
    strip: str = ""
    """An element that is removed from responses, such as `svg`."""

    @classmethod
    def open(
        cls,
        browser: Browser,
        world: World,
        *,
        language: str = "en",
        width: int = 1280,
        height: int = HEIGHT,
        javascript: bool = True,
    ) -> Self:
        """Publish the example petition and open a window."""
        publish(world)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale=language,
            base_url=PUBLIC_URL,
        )
        context.set_default_timeout(10_000)
        window = cls(world=world, context=context, page=context.new_page(), language=language)
        context.route("**/*", window._respond)
        return window

    def _respond(self, route: Route) -> None:
        request = route.request
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != PUBLIC_URL:
            route.abort()
            return
        # The browser adds this header after the request was intercepted.
        headers = {**request.headers, "sec-fetch-site": "same-origin"}
        response = requests.call(
            request.method,
            address.path + (f"?{address.query}" if address.query else ""),
            body=request.post_data_buffer or b"",
            headers=headers,
        )
        content = response.content
        if self.strip and not response.is_base64:
            stripped = rf"<{self.strip}\b.*?</{self.strip}>"
            content = re.sub(stripped, "", response.text, flags=re.DOTALL).encode()
        route.fulfill(status=response.status, headers=dict(response.headers), body=content)

    def path(self, *parts: str) -> str:
        """The path of the petition, or below it."""
        return "/".join(["", self.language, SLUG, *parts])

    def go(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(path)

    def press(self, button: str = "main form button") -> None:
        """Press a button, usually the page's first; wait for the next page, deliver mails."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        self.world.deliver_all()

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
        """Fill in a form whose only field is the address, and send it."""
        self.go(self.path(form))
        self.page.fill("#email", email)
        self.press()

    def follow(self, kind: str) -> None:
        """Follow the last mailed link of this kind."""
        mails = [mail for mail in self.world.mails() if f"/{kind}/" in mail.text]
        self.go(self.world.link_to(kind, mails[-1]))


def publish(world: World, *, outcome: str = "", **changes: object) -> None:
    """Publish the example petition and update, open at the test's time."""
    world.publish(_petition(outcome=outcome, **changes), picture=_picture())
    update = read_update(_FOLDER / "updates" / UPDATE)
    world.publish_update(replace(update, slug=SLUG, published_on=date(2026, 3, 1)))


def amend(world: World) -> None:
    """Amend a demand of the example petition in every language, then correct its summary."""
    petition = _petition(amendments_offer_withdrawal=True)
    first = {language: text.demands[0] for language, text in petition.texts.items()}
    amended = {
        language: replace(
            text,
            demands=(
                replace(first[language], html=first[language].html.replace(",", " –", 1)),
                *text.demands[1:],
            ),
        )
        for language, text in petition.texts.items()
    }
    corrected = {
        language: replace(text, summary=f"{text.summary} 2026")
        for language, text in amended.items()
    }
    _amend_to(world, replace(petition, texts=amended), AmendmentKind.AMENDMENT)
    _amend_to(world, replace(petition, texts=corrected), AmendmentKind.CORRECTION)


def take_back(world: World) -> None:
    """Amend the example petition to its old text, as which `publish` knows it."""
    _amend_to(world, _petition(), AmendmentKind.AMENDMENT)


def _amend_to(world: World, petition: Petition, kind: AmendmentKind) -> None:
    reasons = {"en": "The experts have found one more family.", "be": "Знайшлася яшчэ адна сям’я."}
    request = AmendmentRequest(kind=kind, reasons=reasons)
    publishing.publish_petition(world.services, petition, picture=_picture(), amendment=request)


def _petition(*, outcome: str = "", **changes: object) -> Petition:
    """The example petition, open at the test's time, with an outcome in every language."""
    petition = read_petition(_FOLDER, development_key=builders.petition().public_key)
    values = {
        "slug": SLUG,
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 12, 31),
        "texts": {code: replace(text, outcome=outcome) for code, text in petition.texts.items()},
    }
    return replace(petition, **{**values, **changes})  # type: ignore[arg-type]


def _picture() -> bytes:
    return picture_files.content_of(_FOLDER)
