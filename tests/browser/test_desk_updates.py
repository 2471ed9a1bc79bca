"""The pages of updates at the desk, in a browser: for everybody, and from title to progress."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility
from tests.browser.accessibility import Scheme
from tests.browser.desk import DeskVisitor
from tests.browser.visitors import SLUG

UPDATES = f"/desk/petitions/{SLUG}/updates"


@pytest.fixture
def olga(arrive_at_desk: Callable[..., DeskVisitor]) -> DeskVisitor:
    """A steward of the petition of this repository, signed in with a fresh touch."""
    olga = arrive_at_desk()
    olga.sign_in_by_cookie()
    return olga


def write(olga: DeskVisitor, title: str) -> str:
    """Write and publish an update in every language; the path of its page."""
    page = olga.page
    page.goto(UPDATES)
    page.get_by_label("Title").fill(title)
    olga.press("Begin")
    expect(page.get_by_text("The address will end in")).to_be_visible()
    olga.press("Begin")
    for kind, words in ((".title", title), (".summary", "A little."), (".body", "It **moved**.")):
        for field in page.locator(f"[name$='{kind}']").all():
            field.fill(words)
    olga.press("Save all languages")
    olga.follow("Back to the update")
    olga.press("Publish")
    expect(page.get_by_text("It is online.")).to_be_visible()
    return page.url


def faults_of(olga: DeskVisitor, width: int, scheme: Scheme) -> list[str]:
    return [
        *accessibility.violations_on(olga.page, width=width, scheme=scheme),
        *accessibility.structure_faults(olga.page),
    ]


def test_every_page_of_an_update_can_be_read_by_everybody(olga: DeskVisitor) -> None:
    path = write(olga, "Read by everybody")
    views: list[tuple[int, Scheme]] = [(390, "light"), (1280, "dark")]
    faults = {}
    for part in ("", "/text", "/send", "/text/preview/be"):
        olga.page.goto(path + part)
        for width, scheme in views:
            if found := faults_of(olga, width, scheme):
                faults[part, width] = found
    olga.page.goto(f"{path}/send")
    olga.page.get_by_role("button", name="Mail it now").click()
    expect(olga.page.get_by_role("heading", name="Sending")).to_be_visible()
    # While it goes on, the page loads itself again.
    olga.page.get_by_role("button", name="Pause").click()
    expect(olga.page.get_by_text("Paused", exact=True)).to_be_visible()
    for width, scheme in views:
        if found := faults_of(olga, width, scheme):
            faults["/progress", width] = found
    olga.page.goto(UPDATES)
    for width, scheme in views:
        if found := faults_of(olga, width, scheme):
            faults["list", width] = found

    assert faults == {}


def test_a_preview_shows_the_mail_with_its_styles_and_runs_nothing(olga: DeskVisitor) -> None:
    path = write(olga, "Looked at")
    olga.page.goto(f"{path}/preview/en")
    mail = olga.page.frame_locator("iframe[title='The mail, wide']")
    heading = mail.get_by_role("heading", name="Looked at")

    expect(heading).to_be_visible()

    assert heading.evaluate("node => getComputedStyle(node).fontFamily") != "Times New Roman"
