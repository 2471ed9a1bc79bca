"""An organiser in a browser at the desk of the running service, with a virtual authenticator."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page

from tests.browser.visitors import SLUG
from tests.ops.local.conftest import LocalRun, eventually

HEIGHT: Final = 844
_LINK: Final = re.compile(r"/desk/invitation/[0-9a-f]{80}")
_STATUS_MESSAGE: Final = "Failed to load resource: the server responded with a status of 4"


@dataclass(kw_only=True)
class DeskVisitor:
    """An organiser with an own browser context, in which passkeys work without a person."""

    service: LocalRun
    context: BrowserContext
    page: Page
    devtools: CDPSession
    authenticator_id: str
    organiser_id: str = ""
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(cls, service: LocalRun, browser: Browser, *, width: int = 1280) -> Self:
        """Open an empty browser, with an authenticator that has no passkey yet."""
        address = f"http://localhost:{urlsplit(service.url).port}"
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, locale="en", base_url=address
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        added = devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        visitor = cls(
            service=service,
            context=context,
            page=page,
            devtools=devtools,
            authenticator_id=added["authenticatorId"],
        )
        page.on("request", lambda request: visitor.requests.append(request.url))
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.on("console", visitor._note_complaint)
        return visitor

    def _note_complaint(self, message: ConsoleMessage) -> None:
        is_status = message.text.startswith(_STATUS_MESSAGE)
        # Chromium's hints for developers are of the type "debug".
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(message.text)

    def leave(self) -> None:
        """Close the browser; fails on requests to other sites and on errors of scripts."""
        hosts = {urlsplit(url).hostname for url in self.requests}
        self.context.close()
        assert hosts <= {"localhost"}
        assert self.complaints == []

    def join(self, zaklik: Callable[..., str], name: str, *roles: str, slug: str = SLUG) -> None:
        """Be invited by the operator, follow the link, and make a passkey.

        Without a `slug`, the organiser has no petition.
        """
        count = len(self._mails())
        # One of its own: an address gets few mails a day.
        address = f"{secrets.token_hex(4)}@example.org"
        words = [word for role in roles or ("steward",) for word in ("--role", role)]
        petition = ["--petition", slug, *words] if slug else []
        told = zaklik("organiser", "invite", name, address, *petition)
        self.organiser_id = re.findall(r"[0-9a-f]{16}", told)[0]
        eventually(lambda: len(self._mails()) > count)
        self.page.goto(self.newest_link())
        self.page.get_by_role("button", name="Make a passkey").click()
        self.page.wait_for_url("**/desk/you")

    def sign_in_by_cookie(self, name: str = "Olga", slug: str = SLUG) -> None:
        """Be signed in as a steward, without a passkey."""
        answer = self.service.post("/_local/sign-in", {"name": name, "petition": slug})
        cookie, _, value = answer.json()["cookie"].partition("=")
        address = "https://localhost/"
        self.context.add_cookies([{"name": cookie, "value": value, "url": address, "secure": True}])

    def press(self, name: str, page: Page | None = None) -> None:
        """Press a button that leads to a page, and wait for that page."""
        tab = page or self.page
        with tab.expect_navigation():
            tab.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        """Follow a link whose text has this in it, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=exact).click()

    def newest_link(self) -> str:
        """The path of the newest link to the desk in the outbox."""
        links: list[str] = _LINK.findall(json.dumps(self._mails()))
        return links[-1]

    def _mails(self) -> list[dict[str, Any]]:
        mails = self.service.get("/_local/outbox.json").json()
        return [mail for mail in mails if _LINK.search(json.dumps(mail))]

    def credentials(self) -> list[dict[str, Any]]:
        """The passkeys in the authenticator."""
        answer = self.devtools.send(
            "WebAuthn.getCredentials", {"authenticatorId": self.authenticator_id}
        )
        found: list[dict[str, Any]] = answer["credentials"]
        return found

    def lose_passkeys(self) -> None:
        """Empty the authenticator, as if the device were lost."""
        self.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator_id})

    def refuse_touches(self) -> None:
        """From now on nobody touches the authenticator's button in time."""
        self.devtools.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator_id, "isUserVerified": False},
        )
