"""A visitor in a browser of the running service, with the browser's requests and errors."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from chalicelib.rendering import translations
from ops.compiling import ROOT
from ops.content.petition_loader import PETITIONS_FOLDER
from tests.ops.local.conftest import LocalRun, eventually

SLUG: Final = "belarus-mothers"
UPDATE: Final = "how-your-signature-is-kept"
LANGUAGES: Final[Sequence[str]] = tomllib.loads(
    (ROOT / PETITIONS_FOLDER / SLUG / "petition.toml").read_text("utf-8")
)["languages"]
LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/\S+")
HEIGHT: Final = 844
_STATUS_MESSAGE: Final = "Failed to load resource: the server responded with a status of 4"
"""Chromium's message for every response with a status of 4xx."""
WITH_WELCOME: Final = 2
"""The mail that asks for confirmation, and the welcome to the news."""


@dataclass(kw_only=True)
class Visitor:
    """A visitor with their own browser context and language."""

    service: LocalRun
    context: BrowserContext
    page: Page
    language: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(
        cls,
        service: LocalRun,
        browser: Browser,
        *,
        language: str = "en",
        width: int = 1280,
        javascript: bool = True,
    ) -> Self:
        """Open an empty browser context that prefers `language`."""
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            locale=language,
            base_url=service.url,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        visitor = cls(service=service, context=context, page=page, language=language)
        page.on("request", visitor._note_request)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.on("console", lambda message: visitor._note_complaint(message.text))
        return visitor

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_complaint(self, text: str) -> None:
        if not text.startswith(_STATUS_MESSAGE):
            self.complaints.append(text)

    def leave(self) -> None:
        """Close the browser; fails on requests to other sites, errors, cookies and stored data."""
        origin = urlsplit(self.service.url).netloc
        other_sites = [url for url in self.requests if urlsplit(url).netloc != origin]
        storage = self.context.storage_state()
        self.context.close()
        assert other_sites == []
        assert self.complaints == []
        assert storage == {"cookies": [], "origins": []}

    def path(self, *parts: str) -> str:
        """The path of the petition, or below it."""
        return "/".join(["", self.language, SLUG, *parts])

    def go(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(path)

    def sees(self, sentence: str) -> None:
        """Check that the main heading is this sentence in the visitor's language."""
        expect(self.page.locator("h1")).to_have_text(self.says(sentence))
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def says(self, sentence: str) -> str:
        """The sentence in the visitor's language."""
        return translations.catalogue(self.language).gettext(sentence)

    def press(self, button: str = "main form button") -> None:
        """Press a button, usually the page's first, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()

    def ask_to_sign(self, email: str, *, alerts: bool = False, name: str = "Алеся Ёўга") -> None:
        """Fill in the sign form and send it."""
        self.go(self.path())
        self.page.fill("#name", name)
        self.page.fill("#email", email)
        self.page.locator("summary", has_text=self.says("Add your country")).click()
        self.page.select_option("#country", "PL")
        self.page.set_checked("#alerts", alerts)
        self.press()

    def sign(self, email: str, *, alerts: bool = False) -> None:
        """Sign and confirm."""
        self.ask_to_sign(email, alerts=alerts)
        self.sees("Check your inbox")
        self.go(self.link_in(self.mail_to(email)))
        self.press()
        self.sees("Thank you. Your signature is confirmed.")
        if alerts:
            self.mail_to(email, count=WITH_WELCOME)

    def mail_to(self, email: str, *, count: int = 1) -> Mapping[str, str]:
        """The last mail to an address, once `count` have arrived."""
        mails: list[Mapping[str, str]] = eventually(
            lambda: sent if len(sent := mails_to(self.service, email)) >= count else None
        )
        return mails[-1]

    def link_in(self, mail: Mapping[str, str], *, to: str = "") -> str:
        """The first link in a mail that leads to a page of this kind."""
        links: list[str] = LINK.findall(mail["text"])
        return next(link for link in links if f"/{to}" in link)


def mails_to(service: LocalRun, email: str) -> list[Mapping[str, str]]:
    """Every mail to an address, oldest first."""
    return [mail for mail in service.outbox() if mail["to"] == email]
