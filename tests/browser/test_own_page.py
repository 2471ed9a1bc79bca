"""The own page and the pending page in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import Visitor, mails_to

Arrive = Callable[..., Visitor]
browsers = pytest.mark.parametrize(
    ("language", "javascript", "width"), [("en", True, 1280), ("be", False, 390)]
)


@browsers
def test_a_signer_corrects_name_and_country(
    arrive: Arrive, language: str, javascript: bool, width: int
) -> None:
    visitor = arrive(language=language, javascript=javascript, width=width)
    email = f"correct-{language}@example.org"
    visitor.sign(email)
    visitor.go(visitor.path("manage"))
    visitor.page.fill("#email", email)
    visitor.press()
    visitor.go(visitor.link_in(visitor.mail_to(email, count=2), to=f"{language}/manage"))
    page = visitor.page

    page.click("main details summary")
    page.fill("#name", "")
    page.select_option("#country", "LT")
    visitor.press('button[value="correct"]')
    expect(page.locator("#name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#country")).to_have_value("LT")
    page.fill("#name", "Алеся Новая")
    visitor.press('button[value="correct"]')

    visitor.sees("Your signature is corrected")
    expect(page.locator("#name")).to_be_hidden()


@browsers
def test_a_signer_changes_alerts_unsubscribes_and_withdraws(
    arrive: Arrive, language: str, javascript: bool, width: int
) -> None:
    visitor = arrive(language=language, javascript=javascript, width=width)
    email = f"own-page-{language}@example.org"
    visitor.sign(email, alerts=True)
    visitor.go(visitor.path("manage"))
    visitor.page.fill("#email", email)
    visitor.press()
    visitor.go(visitor.link_in(visitor.mail_to(email, count=3), to=f"{language}/manage"))
    page = visitor.page

    page.select_option("#language", "ru")
    page.check("#frequency-weekly")
    visitor.press('button[value="change"]')

    visitor.sees("Your choice is saved")
    expect(page.locator("#language")).to_have_value("ru")
    expect(page.locator("#frequency-weekly")).to_be_checked()

    visitor.press('button[value="stop"]')

    visitor.sees("You will get no more news")
    expect(page.locator("#news")).to_have_count(0)

    visitor.press('button[value="withdraw"]')

    visitor.sees("Your signature is withdrawn")
    expect(page.locator("main form")).to_have_count(0)


@browsers
def test_a_signer_has_the_mail_sent_again(
    arrive: Arrive, language: str, javascript: bool, width: int
) -> None:
    visitor = arrive(language=language, javascript=javascript, width=width)
    email = f"again-{language}@example.org"
    visitor.ask_to_sign(email)
    visitor.mail_to(email)

    visitor.press('form[action$="/again"] button')

    visitor.sees("Check your inbox")
    visitor.go(visitor.link_in(visitor.mail_to(email, count=2)))
    visitor.press()
    visitor.sees("Thank you. Your signature is confirmed.")


def test_a_person_blocks_their_address(arrive: Arrive) -> None:
    visitor = arrive(javascript=False, width=390)
    email = "never-again@example.org"
    visitor.ask_to_sign(email)
    visitor.go(visitor.link_in(visitor.mail_to(email), to="en/block"))
    visitor.sees("No more emails to this address?")

    visitor.press()

    visitor.sees("We will not write to this address again")
    visitor.ask_to_sign(email)
    visitor.sees("Check your inbox")
    other = "not-never@example.org"
    visitor.ask_to_sign(other)
    visitor.mail_to(other)
    assert len(mails_to(visitor.service, email)) == 1
