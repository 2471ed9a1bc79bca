"""Alerts and digests: neutral from outside, news inside, and two ways to leave."""

import json
import re

import pytest

from chalicelib.mail import alert_messages
from chalicelib.mail.alert_messages import ALERTS, AlertMessage, DigestMessage, Headline
from tests.routes.markup import ParsedPage

LANGUAGES = ("en", "be", "ru")
TITLE = 'Freedom <for> "everyone" in Belarus & all'
LINK = "https://zaklik.example/be/unsubscribe/" + "Ab-_" * 150
PAGE = "https://zaklik.example/en/open-door/updates/first-news"
OTHER_PAGE = "https://zaklik.example/be/open-door/updates/second-news"
TELLING = re.compile(
    r"petition|signature|sign|belarus|freedom|open-door|петыцы|подпіс|беларус|петици|подпис",
    re.IGNORECASE,
)
"""Words by which somebody who looks over a shoulder could tell what a mail is about."""
PREVIEW = 120
"""Letters of a mail that inboxes show beside its subject, and then some."""

ALERT = AlertMessage(
    title="Belarus:  the door moved\nagain",
    body_text="It moved & moved.\n\n* once\n* twice",
    body_html="<p>It moved &amp; moved.</p>",
    petition_title=TITLE,
    page=PAGE,
    unsubscribe=LINK,
)
DIGEST = DigestMessage(
    headlines=[
        Headline(language="en", title="The door <moved>", summary="A little.", page=PAGE),
        Headline(language="be", title="Дзверы & зрушылі", summary="Крыху.", page=OTHER_PAGE),
    ],
    petition_title=TITLE,
    unsubscribe=LINK,
)
every_language = pytest.mark.parametrize("language", LANGUAGES)
every_alert = pytest.mark.parametrize("alert", [ALERT, DIGEST], ids=lambda alert: alert.name)


def written(alert: AlertMessage | DigestMessage, language: str) -> tuple[str, str, ParsedPage]:
    """Subject, text and HTML of a copy."""
    recipient = alert_messages.to_recipient("hanna@example.org", language, alert, tags={})
    parts = json.loads(recipient.variables)
    return parts["subject"], parts["text"], ParsedPage(parts["html"])


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_kind_of_alert_is_tried_here() -> None:
    assert {alert.name: type(alert) for alert in (ALERT, DIGEST)} == ALERTS


@every_language
@every_alert
def test_neither_subject_nor_first_lines_tell_what_it_is_about(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    subject, text, page = written(alert, language)

    for shown in (subject, text[:PREVIEW], page.one("body").text[:PREVIEW]):
        assert not TELLING.search(shown)
        assert "door" not in shown
        assert "Дзверы" not in shown
    assert 5 < len(subject) < 60
    assert subject == in_one_line(subject)
    assert subject.isascii() == (language == "en")


@every_language
@every_alert
def test_an_alert_can_be_left_by_a_link_and_by_one_click(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    recipient = alert_messages.to_recipient(
        "hanna@example.org", language, alert, tags={"recipient": "1"}
    )
    _, text, page = written(alert, language)

    assert recipient.headers == {
        "List-Unsubscribe": f"<{LINK}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert recipient.tags == {"recipient": "1"}
    assert text.splitlines().count(LINK) == 1
    assert [link["href"] for link in page.all("a")][-1] == LINK


@every_language
@every_alert
def test_it_says_at_its_end_why_it_came(alert: AlertMessage | DigestMessage, language: str) -> None:
    _, text, page = written(alert, language)

    news_end = text.rindex("/updates/")
    assert in_one_line(text).count(TITLE) == 1
    assert TITLE in in_one_line(text[news_end:])
    assert TITLE in page.one("body").text


@every_language
@every_alert
def test_it_reads_well_as_plain_text(alert: AlertMessage | DigestMessage, language: str) -> None:
    _, text, _ = written(alert, language)

    assert all(len(line) <= 78 for line in text.splitlines() if line != LINK)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "&amp;" not in text
    assert "&lt;" not in text


@every_language
@every_alert
def test_the_html_loads_nothing_and_counts_no_reader(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    _, _, page = written(alert, language)

    html = json.loads(alert_messages.to_recipient("h@x.org", language, alert, tags={}).variables)[
        "html"
    ]
    assert page.one("html")["lang"] == language
    assert page.all("img", "script", "link", "iframe", "form", "object", "video", "style") == []
    assert "url(" not in html
    assert "src=" not in html
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {LINK, PAGE, OTHER_PAGE}


@every_language
def test_an_alert_brings_the_whole_update(language: str) -> None:
    _, text, page = written(ALERT, language)

    assert "Belarus: the door moved again It moved & moved. * once * twice" in in_one_line(text)
    assert page.one("h1").text.split() == ALERT.title.split()
    assert "It moved & moved." in page.one("body").text
    assert PAGE in text.splitlines()
    assert [link["href"] for link in page.all("a")] == [PAGE, LINK]


@every_language
def test_a_digest_lists_its_updates_each_in_its_language(language: str) -> None:
    _, text, page = written(DIGEST, language)

    assert f"The door <moved> A little. {PAGE} Дзверы & зрушылі Крыху. {OTHER_PAGE}" in (
        in_one_line(text)
    )
    assert [(each["lang"], each.text) for each in page.all("h2")] == [
        ("en", "The door <moved>"),
        ("be", "Дзверы & зрушылі"),
    ]
    assert [link["href"] for link in page.all("a")] == [PAGE, OTHER_PAGE, LINK]


def test_an_address_does_not_show_when_a_recipient_is_printed() -> None:
    recipient = alert_messages.to_recipient("hanna@example.org", "en", ALERT, tags={})

    assert "hanna" not in repr(recipient)
    assert "hanna" not in repr(alert_messages.BulkEmail(recipients=[recipient], tags={}))
