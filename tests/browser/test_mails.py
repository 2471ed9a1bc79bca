"""The HTML of every mail: read by axe in the light and in the dark, on a phone and beside it."""

from collections.abc import Iterator

import pytest
from markupsafe import Markup
from playwright.sync_api import Browser, Page

from chalicelib.mail import petition_mails
from chalicelib.mail.alert_messages import AlertMessage
from chalicelib.mail.petition_mails import PetitionMail
from tests.browser import accessibility
from tests.mail import test_desk_mails
from tests.mail.test_alert_messages import DISCREET, DISCREET_ALERTS, OPEN_ALERT, OPEN_DIGEST
from tests.mail.test_messages import MAILS_TO_SEND, OPEN_MAILS

WIDTHS = (accessibility.NARROWEST, 640)
HTML = Markup(
    "<p>Words and <a href='https://example.org/'>a link</a>.</p><h2>Next</h2><h3>Then</h3>"
    "<ul><li>one</li></ul><blockquote><p>Said.</p></blockquote><pre><code>code</code></pre><hr>"
)
RICH = AlertMessage(
    text_language="en",
    **DISCREET,
    title="News",
    body_text="",
    body_html=HTML,
    page="https://a.example/",
    unsubscribe="",
)
LANDMARKS = ("landmark-one-main", "region")
"""Rules for whole pages. A mail is shown inside a page of its mail program."""
DESK_MAILS = [test_desk_mails.mail(recovers=True, with_code=True), test_desk_mails.APPROVAL]
MAILS = [
    *MAILS_TO_SEND,
    *OPEN_MAILS,
    *DISCREET_ALERTS,
    OPEN_ALERT,
    OPEN_DIGEST,
    RICH,
    *DESK_MAILS,
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_can_be_read_by_everybody(page: Page, mail: PetitionMail) -> None:
    name = mail.name  # type: ignore[attr-defined]  # each kind of mail has one
    _, _, html = petition_mails.render_parts("be", name, mail)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    page.set_content(html)

    faults = accessibility.structure_faults(page)
    for width in WIDTHS:
        faults += accessibility.violations_on(page, width=width, scheme="light")
        faults += accessibility.violations_on(page, width=width, scheme="dark")
    assert [fault for fault in faults if not fault.startswith(LANDMARKS)] == []
    assert requests == []
