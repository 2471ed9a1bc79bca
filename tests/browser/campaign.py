"""A campaign at the desk in a browser, act by act: from the invitation to the certificate."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser import offline
from tests.browser.desk import DeskVisitor
from tests.browser.visitors import LINK, mails_to
from tests.ops.local.conftest import LocalRun, eventually

SLUG: Final = "keep-the-river-clean"
LANGUAGES: Final = {"en": "English", "be": "Беларуская", "de": "Deutsch"}
PASSPHRASE: Final = "gravel teapot anthem lunar orchard"
SIGNER: Final = "Алеся Ёўга"
ADDRESS: Final = "alesia@example.org"
_BODY: Final = """{lead}

## 1. {first}

{lead}

## 2. {second}

{lead}

## {background}

{lead}"""
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Keep the river clean",
        "target": "The regional council",
        "lead": "The river that we drink from has turned brown.",
        "first": "Stop the waste",
        "second": "Tell us what is in the water",
        "background": "Background",
    },
    "be": {
        "title": "Захавайце раку чыстай",
        "target": "Абласны савет",
        "lead": "Рака, з якой мы п’ём, стала бурай.",
        "first": "Спыніце скід",
        "second": "Скажыце, што ў вадзе",
        "background": "Перадгісторыя",
    },
    "de": {
        "title": "Haltet den Fluss sauber",
        "target": "Der Gebietsrat",
        "lead": "Der Fluss, aus dem wir trinken, ist braun.",
        "first": "Stoppt die Abwässer",
        "second": "Sagt uns, was im Wasser ist",
        "background": "Hintergrund",
    },
}
_DRAWING: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240">
<rect width="600" height="240" fill="#cfe3ee"/>
<path d="M0 150c100-50 200 50 300 0s200-50 300 0v90H0z" fill="#2f6f8f"/></svg>"""
_OUTCOME: Final = "The council has stopped the waste."


@dataclass(kw_only=True)
class Campaign:
    """An organiser with a browser, a stick for files, and a campaign that goes on act by act.

    `look` is called with a name at each page that is worth a look.
    """

    organiser: DeskVisitor
    browser: Browser
    zaklik: Callable[..., str]
    stick: Path
    look: Callable[[str], None] = lambda _name: None
    key_file: bytes = field(default=b"", repr=False)
    public_half: bytes = b""

    @property
    def page(self) -> Page:
        """The page of the organiser."""
        return self.organiser.page

    @property
    def service(self) -> LocalRun:
        """The service."""
        return self.organiser.service

    def go(self, part: str = "") -> None:
        """Go to a part of the petition."""
        self.page.goto(f"/desk/petitions/{SLUG}" + (f"/{part}" if part else ""))

    def press(self, name: str) -> None:
        """Press a button that leads to a page, and touch the passkey if the desk asks for it."""
        self.organiser.press(name)
        if self.page.get_by_role("heading", name="Confirm with your passkey").count():
            self.organiser.press("Touch the passkey and go on")

    def enter(self) -> None:
        """Sign in again, if the session has ended meanwhile."""
        self.page.goto("/desk/enter")
        if not self.page.url.endswith("/enter"):
            return
        self.organiser.press("Sign in with a passkey")

    def wait_for(self, words: str) -> None:
        """Wait until a page that renews itself says something."""
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=30_000)

    def pass_time(self, step: timedelta) -> None:
        """Move the clock of the service. Sessions end, like those of somebody who was away."""
        fields = {"advance_seconds": str(step.total_seconds())}
        assert self.service.post("/_local/clock", fields).status == 200
        self.enter()

    def now(self) -> datetime:
        """The time of the service."""
        return datetime.fromisoformat(self.service.get("/_local/clock").json()["now"])

    def until_the_list(self) -> bytes:
        """Everything up to the list of those who have signed; its rows."""
        self.begin()
        self.write()
        self.make_keys()
        self.open()
        self.sign()
        self.watch()
        self.mail_news()
        return self.export()

    def begin(self) -> None:
        """Be invited, make a passkey, and begin a petition."""
        self.organiser.join(self.zaklik, "Anna", slug="")
        self.look("you")
        self.page.goto("/desk")
        self.look("home")
        self.page.goto("/desk/new")
        self.look("new")
        self.page.get_by_label("Title").fill(_TEXTS["en"]["title"])
        self.page.get_by_label("First day to sign").fill(f"{self.now():%Y-%m-%d}")
        self.press("Begin")
        expect(self.page.get_by_text("will stand in the address for ever")).to_be_visible()
        self.look("new-name")
        self.press("Begin")
        expect(self.page).to_have_url(re.compile(f"/{SLUG}/write$"))
        self.look("write")

    def write(self) -> None:
        """Write it in three languages, with a picture."""
        self.go("write/settings")
        self.page.get_by_label("Name", exact=True).fill("River Group")
        self.page.get_by_label("Email").fill("hello@river.example")
        self.page.get_by_label("Website").fill("https://river.example")
        self.page.get_by_label("Goals").fill("10 100 1000")
        self.page.locator("[name='milestones.handed-in']").check()
        self.press("Save")
        expect(self.page.get_by_text("was not saved")).to_have_count(0)
        self.look("settings")
        self.go("write/picture")
        drawing = FilePayload(name="river.svg", mimeType="image/svg+xml", buffer=_DRAWING)
        self.page.get_by_label("Another picture").set_input_files(drawing)
        self.press("Take this picture")
        self.look("picture")
        for language, text in _TEXTS.items():
            if language != "en":
                self.go("write")
                self.page.get_by_label("Another language").select_option(language)
                self.press("Add it")
            self.go(f"write/texts/{language}")
            expect(self.page.get_by_role("alert")).to_have_count(0)
            self._write_text(language, text)
            expect(self.page.get_by_role("alert")).to_have_count(0)
            self.look(f"text-{language}")
        for part in ("", "/preview/be", "/versions", "/versions/1", "/folder", "/open"):
            self.go(f"write{part}")
            self.look(f"write{part}".replace("/", "-"))

    def _write_text(self, language: str, text: Mapping[str, str]) -> None:
        values = {
            **{name: text[name] for name in ("title", "target", "lead")},
            "summary": text["lead"],
            "picture": text["lead"],
            "credit": "Anna",
            "body": _BODY.format(**text),
        }
        for name, value in values.items():
            self.page.locator(f"[name='texts.{language}.{name}']").fill(value)
        self.press("Save")

    def make_keys(self) -> None:
        """Make a key of her own without a network, the petition's key, and prove it."""
        self.go("keys")
        self.look("keys-none")
        with self.page.expect_download() as saved:
            self.page.get_by_role("link", name="Save unseal.html").click()
        saved.value.save_as(self.stick / "unseal.html")
        with offline.opened(self.browser, self.stick / "unseal.html") as alone:
            alone.get_by_role("link", name="Your key", exact=True).click()
            part = alone.locator("#new-key")
            part.get_by_label("Your name").fill("Anna")
            part.get_by_label("A passphrase").fill(PASSPHRASE)
            part.get_by_label("The same passphrase again").fill(PASSPHRASE)
            part.get_by_role("button", name="Make the key").click()
            self.key_file = offline.saved(alone, "anna.key")
            self.public_half = offline.saved(alone, "anna.pub")
        offline.choose(
            self.page.locator("#make"), "The public halves", [("anna.pub", self.public_half)]
        )
        self.page.get_by_label("I am the only organiser").check()
        self.page.get_by_role("button", name="Make the petition’s key").click()
        self.press("Store it at the desk")
        self._prove()
        self.look("keys-proving")
        self.press("Store it at the desk")
        expect(self.page.get_by_role("cell", name="not yet")).to_have_count(0)
        self.look("keys")

    def _prove(self) -> None:
        part = self.page.locator("#prove")
        offline.choose(part, "Your key file", [("anna.key", self.key_file)])
        part.get_by_label("Its passphrase").fill(PASSPHRASE)
        part.get_by_role("button", name="Prove it").click()
        expect(self.page.get_by_role("heading", name="Your key opens")).to_be_visible()

    def open(self) -> None:
        """Publish the petition; the key file learns the keys of the service."""
        self.go("write/open")
        expect(self.page.get_by_role("heading", name="Nothing is missing")).to_be_visible()
        self.page.wait_for_function(
            "[...document.querySelectorAll('input[name^=image]')].every(each => each.value)"
        )
        self.look("opening")
        self.press("Publish the petition")
        self.look("opened")
        self.go("keys")
        self._prove()
        self.key_file = offline.saved(self.page, "anna.key")
        self.go()
        self.look("overview-empty")

    def sign(self) -> None:
        """Somebody signs by the form and the mailed link, and takes news."""
        signer = self.browser.new_context(base_url=self.service.url, locale="be")
        page = signer.new_page()
        page.goto(f"/be/{SLUG}")
        page.fill("#name", SIGNER)
        page.fill("#email", ADDRESS)
        page.check("#alerts")
        with page.expect_navigation():
            page.locator("main form button").first.click()
        eventually(lambda: mails_to(self.service, ADDRESS))
        [mail] = mails_to(self.service, ADDRESS)
        page.goto(LINK.findall(mail["text"])[0])
        with page.expect_navigation():
            page.locator("main form button").first.click()
        expect(page.locator("h1")).to_contain_text("Дзякуй")
        signer.close()

    def watch(self) -> None:
        """Look at the petition a day later."""
        self.pass_time(timedelta(days=1))
        self.go()
        expect(self.page.locator(".figure", has_text="exactly, now")).to_contain_text("1")
        self.look("overview")
        for part in ("held", "switches", "people"):
            self.go(part)
            self.look(part)

    def mail_news(self) -> None:
        """Write an update in three languages, try it, and let it go out at a time."""
        self.go("updates")
        self.page.get_by_label("Title").fill("The council has answered")
        self.press("Begin")
        self.press("Begin")
        for language, text in _TEXTS.items():
            for name in ("title", "summary", "body"):
                value = text["title" if name == "title" else "lead"]
                self.page.locator(f"[name='texts.{language}.{name}']").fill(value)
        self.press("Save all languages")
        self.look("update-text")
        self.organiser.follow("Back to the update")
        self.look("update")
        self.press("Publish")
        update = self.page.url
        self.organiser.follow("Page and mails as they are")
        self.look("update-look")
        self.page.goto(update)
        self.press("Mail it to myself")
        self.page.goto(f"{update}/send")
        at = self.now() + timedelta(hours=2)
        self.page.get_by_label("Day", exact=True).fill(f"{at:%Y-%m-%d}")
        self.page.get_by_label("Time of day").fill(f"{at:%H:%M}")
        self.page.get_by_label("Time zone").fill("UTC")
        self.press("Let it go out then")
        self.page.goto(f"{update}/send")
        expect(self.page.get_by_text("It goes out by itself")).to_be_visible()
        self.look("update-send")
        before = len(mails_to(self.service, ADDRESS))
        self.pass_time(timedelta(hours=3))
        eventually(lambda: len(mails_to(self.service, ADDRESS)) > before)
        self.page.goto(update)
        self.organiser.follow("How far the sending is")
        self.wait_for("1 of 1")
        self.look("update-sent")
        self.go("updates")
        self.look("updates")

    def export(self) -> bytes:
        """Export the list; the rows that unseal.html writes without a network."""
        self.go("signatures")
        self.look("signatures")
        self.press("Make a list")
        self.wait_for("kept until")
        self.look("list")
        self.press("Get a link to the file")
        download = self.page.get_by_role("link", name="Download the list")
        expect(download).to_be_visible(timeout=30_000)
        self.look("list-link")
        with self.page.expect_download() as saved:
            download.click()
        # The list lies in S3: its link is the only one that leads elsewhere.
        self.organiser.requests.remove(saved.value.url)
        exported = Path(saved.value.path()).read_bytes()
        with offline.opened(self.browser, self.stick / "unseal.html") as alone:
            offline.choose(alone, "The list that was exported", [("river.zaklik", exported)])
            offline.choose(alone, "Your key file, or several", [("anna.key", self.key_file)])
            alone.get_by_label("Passphrase of anna.key").fill(PASSPHRASE)
            alone.get_by_label("A table as text (CSV)").check()
            alone.get_by_role("button", name="Open the list").click()
            return offline.saved(alone, "river.csv")

    def hand_in(self) -> None:
        """Read the report, and mark the day."""
        self.go("hand-in")
        self.look("hand-in")
        self.organiser.follow(LANGUAGES["be"])
        self.look("report")
        self.go("hand-in")
        self.page.get_by_label("Day on which it was handed in").fill(f"{self.now():%Y-%m-%d}")
        before = len(mails_to(self.service, ADDRESS))
        self.press("Mark it handed in")
        expect(self.page.get_by_text("Handed in on").first).to_be_visible()
        # At night it waits for the morning.
        self.pass_time(timedelta(hours=10))
        eventually(lambda: len(mails_to(self.service, ADDRESS)) > before)

    def end(self) -> None:
        """Close it, say what came of it, and destroy what is kept; read the certificate."""
        self.go("end")
        self.look("end")
        self.organiser.follow("Close the petition")
        self.look("close")
        self.press("Close the petition now")
        for language in _TEXTS:
            self.go(f"write/texts/{language}")
            self.page.locator(f"[name='texts.{language}.outcome']").fill(_OUTCOME)
            self.press("Save")
        self.go("write/open")
        self.look("publish-change")
        self.press("Publish the change")
        # The news of the hand-in is through by then.
        self.pass_time(timedelta(minutes=10))
        self.go("end")
        self.page.get_by_label("To delete it all").fill(SLUG)
        self.press("Delete for good")
        self.look("destruction")
        # The page looks again by itself: by then the pause has begun that the clock shortens.
        with self.page.expect_navigation(timeout=15_000):
            pass
        self.pass_time(timedelta(minutes=5))
        self.go("end")
        self.organiser.follow("See how far it is")
        self.wait_for("Everything is deleted")
        self.look("certificate")

    def read_trail(self) -> str:
        """Read the trail; what the operator's check of the downloaded copy says."""
        self.go("trail")
        self.look("trail")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="Download for checks").click()
        copy = self.stick / "trail.jsonl"
        saved.value.save_as(copy)
        return self.zaklik("trail", "check", SLUG, "--copy", copy)
