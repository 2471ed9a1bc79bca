"""Signing, confirming and withdrawing in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import Visitor, mails_to
from tests.ops.local.conftest import LocalRun, eventually

Arrive = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("language", "javascript", "width"),
    [
        ("en", True, 1280),
        ("en", False, 390),
        ("be", True, 390),
        ("be", False, 1280),
        ("ru", True, 1280),
        ("ru", False, 390),
    ],
)
def test_a_visitor_signs_confirms_from_the_outbox_and_is_counted(
    arrive: Arrive, service: LocalRun, language: str, javascript: bool, width: int
) -> None:
    visitor = arrive(language=language, javascript=javascript, width=width)
    email = f"demo-{language}-{javascript}@example.org".lower()
    before = service.count()

    visitor.ask_to_sign(email)
    visitor.sees("Check your inbox")
    visitor.mail_to(email)
    visitor.go("/_local/outbox")
    mail = visitor.page.locator("article", has_text=email)
    mail.locator("pre a").first.click()
    visitor.sees("One more step")
    visitor.press()
    visitor.sees("Thank you. Your signature is confirmed.")
    visitor.page.locator(f'main a[href="{visitor.path()}"]').last.click()

    eventually(lambda: service.count() == before + 1)


def test_what_stands_in_the_box_for_news_counts(arrive: Arrive) -> None:
    visitor = arrive(language="ru", javascript=False, width=320)
    visitor.ask_to_sign("unticked@example.org", alerts=True)
    visitor.go(visitor.link_in(visitor.mail_to("unticked@example.org")))
    page = visitor.page
    expect(page.locator("td")).to_have_text([re.compile("."), "Алеся Ёўга", "Польша"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320

    page.uncheck("#alerts")
    visitor.press()

    visitor.sees("Thank you. Your signature is confirmed.")
    expect(page.locator(f'a[href="{visitor.path("subscribe")}"]')).to_be_visible()


def test_a_visitor_who_goes_back_to_an_answered_form_finds_the_petition(arrive: Arrive) -> None:
    visitor = arrive(language="be", javascript=False)

    visitor.go(visitor.path("sign"))

    expect(visitor.page.locator("#sign")).to_be_visible()
    assert visitor.page.url.endswith(visitor.path())


def test_a_signer_confirms_with_the_code(arrive: Arrive) -> None:
    visitor = arrive(language="be")
    visitor.ask_to_sign("code@example.org")
    code = re.search(
        r"^([0-9A-Z]{4}) ([0-9A-Z]{4})$", visitor.mail_to("code@example.org")["text"], re.MULTILINE
    )
    assert code is not None

    visitor.page.fill("#code", "0000 0000")
    visitor.press()
    expect(visitor.page.locator("#code-error")).to_be_visible()
    visitor.page.fill("#code", f"{code[1]} {code[2]}".lower())
    visitor.press()

    visitor.sees("Thank you. Your signature is confirmed.")


def test_a_second_confirmation_changes_nothing(arrive: Arrive, service: LocalRun) -> None:
    visitor = arrive()
    before = service.count()
    visitor.sign("twice@example.org")
    eventually(lambda: service.count() == before + 1)

    visitor.go(visitor.link_in(visitor.mail_to("twice@example.org")))
    visitor.press()

    visitor.sees("Thank you. Your signature is confirmed.")
    assert service.count() == before + 1


def test_withdrawing_lowers_the_count(arrive: Arrive, service: LocalRun) -> None:
    visitor = arrive(language="ru", javascript=False, width=390)
    before = service.count()
    visitor.sign("withdrawn@example.org")
    eventually(lambda: service.count() == before + 1)

    visitor.page.click(f'a[href="{visitor.path("manage")}"]')
    visitor.page.fill("#email", "withdrawn@example.org")
    visitor.press()
    visitor.sees("Check your inbox")
    visitor.go(visitor.link_in(visitor.mail_to("withdrawn@example.org", count=2), to="ru/manage"))
    visitor.sees("What we keep about your address")
    visitor.press('button[value="withdraw"]')

    visitor.sees("Your signature is withdrawn")
    eventually(lambda: service.count() == before)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_with_mistakes_comes_back_with_its_values(arrive: Arrive, javascript: bool) -> None:
    visitor = arrive(javascript=javascript, width=390)

    visitor.ask_to_sign("no address", alerts=True)

    page = visitor.page
    expect(page.locator("#sign")).to_be_in_viewport()
    expect(page.locator("#name")).to_have_value("Алеся Ёўга")
    expect(page.locator("#email")).to_have_value("no address")
    expect(page.locator("#country")).to_have_value("PL")
    expect(page.locator("#alerts")).to_be_checked()
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    page.click(".summary a")
    expect(page.locator("#email")).to_be_focused()
    page.fill("#email", f"corrected-{javascript}@example.org".lower())
    visitor.press()
    visitor.sees("Check your inbox")


@pytest.mark.parametrize("preferred", ["be-BY", "ru", "pl-PL", "en-GB", "fr"])
def test_the_root_redirects_to_the_language_of_the_browser(arrive: Arrive, preferred: str) -> None:
    visitor = arrive(language=preferred)

    visitor.go("/")

    expected = "en" if preferred == "fr" else preferred[:2]
    expect(visitor.page.locator("html")).to_have_attribute("lang", expected)


def test_changing_the_language_stays_on_the_page(arrive: Arrive) -> None:
    visitor = arrive(javascript=False)
    visitor.go(visitor.path())

    for language in ("be", "ru", "en"):
        visitor.page.click(".languages summary")
        visitor.page.click(f'.languages [lang="{language}"]')

        expect(visitor.page.locator("html")).to_have_attribute("lang", language)
        assert visitor.page.url.endswith(f"/{language}/belarus-mothers")


on_a_phone = pytest.mark.parametrize("language", ["en", "be", "ru"])


@on_a_phone
def test_a_mistyped_domain_is_asked_about_before_any_mail(
    arrive: Arrive, service: LocalRun, language: str
) -> None:
    visitor = arrive(language=language, width=390, javascript=False)
    typed, meant = (f"typo-{language}@{domain}" for domain in ("gmial.com", "gmail.com"))

    visitor.ask_to_sign(typed)

    expect(visitor.page.locator("[role=alert]")).to_contain_text(meant)
    assert mails_to(service, typed) == mails_to(service, meant) == []
    expect(visitor.page.locator("#name")).to_have_value("Алеся Ёўга")
    visitor.press('button[name="instead"]')
    visitor.sees("Check your inbox")
    visitor.mail_to(meant)
    assert mails_to(service, typed) == []


@on_a_phone
def test_two_spellings_of_a_mailbox_are_one_signature_and_news_still_begins(
    arrive: Arrive, service: LocalRun, language: str
) -> None:
    visitor = arrive(language=language, width=390, javascript=False)
    first, second = f"one-{language}@example.org", f"one-{language}+again@example.org"
    visitor.sign(first)
    eventually(lambda: service.count() > 0)
    before = service.count()

    visitor.ask_to_sign(second, alerts=True)
    mail = visitor.mail_to(second)
    visitor.go(visitor.link_in(mail, to=f"{language}/confirm-alerts"))
    visitor.press()

    visitor.sees("Your news is set up")
    assert "/confirm/" not in mail["text"]
    assert service.count() == before
