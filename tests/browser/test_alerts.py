"""Alerts in a browser: subscribing, receiving each once, unsubscribing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from urllib.parse import urlsplit

import pytest

from ops.local.petition_folders import PETITIONS
from tests.browser import visitors
from tests.browser.visitors import SLUG, WITH_WELCOME, Visitor, mails_to
from tests.ops.local.conftest import LocalRun, eventually

Arrive = Callable[..., Visitor]
Zaklik = Callable[..., str]
LANGUAGES = ("en", "be", "ru")
TITLE = re.compile(r"^(?:first|second|scheduled) (?:en|be|ru)$", re.MULTILINE)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def write_update(tmp_path: Path) -> Callable[..., Path]:
    """Writes an update into a copy of the petition's folder."""
    (tmp_path / SLUG).mkdir()
    copy(PETITIONS / SLUG / "petition.toml", tmp_path / SLUG)

    def write(name: str, settings: str = "") -> Path:
        folder = tmp_path / SLUG / "updates" / name
        folder.mkdir(parents=True)
        (folder / "update.toml").write_text(f"published_on = 2026-01-05\n{settings}", "utf-8")
        for language in visitors.LANGUAGES:
            text = f"---\ntitle: {name} {language}\nsummary: News.\n---\nThey **met**, {name}.\n"
            (folder / f"{language}.md").write_text(text, "utf-8")
        return folder

    return write


def subscribe(visitor: Visitor, email: str) -> None:
    visitor.go(visitor.path("subscribe"))
    visitor.page.fill("#email", email)
    visitor.press()
    visitor.sees("Check your inbox")
    visitor.go(visitor.link_in(visitor.mail_to(email)))
    visitor.press()
    visitor.sees("Your news is set up")
    visitor.mail_to(email, count=WITH_WELCOME)


def send(zaklik: Zaklik, folder: Path) -> None:
    update_id = zaklik("update", "publish", folder).split()[0]
    zaklik("update", "send", update_id, "--yes")


def titles(service: LocalRun, email: str) -> list[str]:
    """The titles in the alerts that an address got; subjects do not name them."""
    texts = [mail["text"] for mail in mails_to(service, email)[WITH_WELCOME:]]
    return [match[0] for text in texts if (match := TITLE.search(text))]


def test_an_update_reaches_subscribers_until_they_unsubscribe(
    arrive: Arrive, service: LocalRun, zaklik: Zaklik, write_update: Callable[..., Path]
) -> None:
    english, belarusian, russian = (arrive(language=code, width=390) for code in LANGUAGES)
    english.sign("en-news@example.org", alerts=True)
    belarusian.sign("be-news@example.org", alerts=True)
    subscribe(russian, "ru-news@example.org")

    send(zaklik, write_update("first"))
    first = english.mail_to("en-news@example.org", count=3)
    second = belarusian.mail_to("be-news@example.org", count=3)
    russian.mail_to("ru-news@example.org", count=3)
    assert "<strong>met</strong>" in str(first["html"])
    english.go(english.link_in(first, to="en/unsubscribe"))
    english.sees("Stop the news, or get it less often?")
    english.press()
    english.sees("You will get no more news")
    one_click = urlsplit(belarusian.link_in(second, to="be/unsubscribe")).path
    assert service.post(one_click, ONE_CLICK).status == 200
    send(zaklik, write_update("second"))

    russian.mail_to("ru-news@example.org", count=4)
    service.post("/_local/clock", {"advance_seconds": "60"})
    assert titles(service, "ru-news@example.org") == ["first ru", "second ru"]
    assert titles(service, "be-news@example.org") == ["first be"]
    assert titles(service, "en-news@example.org") == ["first en"]


def test_a_scheduled_update_is_published_at_once_and_mailed_once_when_due(
    arrive: Arrive, service: LocalRun, zaklik: Zaklik, write_update: Callable[..., Path]
) -> None:
    reader = arrive(javascript=False)
    subscribe(reader, "later@example.org")
    now = datetime.fromisoformat(service.get("/_local/health").json()["now"])
    due = (now + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

    zaklik("update", "publish", write_update("scheduled", f"send_at = {due}\n"))
    reader.go(reader.path("updates", "scheduled"))
    assert reader.page.inner_text("h1") == "scheduled en"
    service.post("/_local/clock", {"advance_seconds": "60"})
    assert titles(service, "later@example.org") == []
    service.post("/_local/clock", {"advance_seconds": "1800"})
    eventually(lambda: titles(service, "later@example.org"))
    service.post("/_local/clock", {"advance_seconds": "60"})

    assert titles(service, "later@example.org") == ["scheduled en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_update_that_came_at_once_is_not_in_the_weekly_digest(
    arrive: Arrive,
    service: LocalRun,
    zaklik: Zaklik,
    write_update: Callable[..., Path],
    language: str,
) -> None:
    reader = arrive(language=language, width=390, javascript=False)
    email = f"weekly-{language}@example.org"
    subscribe(reader, email)
    send(zaklik, write_update(f"at-once-{language}"))
    at_once = reader.mail_to(email, count=3)
    assert f"at-once-{language}" in at_once["text"]

    reader.go(reader.link_in(at_once, to=f"{language}/unsubscribe"))
    reader.page.locator('main a[href*="/manage/"]').click()
    reader.page.check("#frequency-weekly")
    reader.press('button[value="change"]')
    reader.sees("Your choice is saved")
    send(zaklik, write_update(f"later-{language}"))
    service.post("/_local/clock", {"advance_seconds": str(8 * 24 * 3600)})
    digest = reader.mail_to(email, count=4)
    service.post("/_local/clock", {"advance_seconds": str(8 * 24 * 3600)})

    assert f"later-{language}" in digest["text"]
    assert f"at-once-{language}" not in digest["text"]
    assert len(mails_to(service, email)) == 4
