"""Alerts and digests: their subjects, whole news, and two ways to unsubscribe."""

import json
import re
from dataclasses import replace
from email import policy as policies
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import Policy

import pytest
from markupsafe import Markup

from chalicelib.mail import alert_messages
from chalicelib.mail.alert_messages import (
    ALERTS,
    AlertMessage,
    BulkRecipient,
    DigestMessage,
    Headline,
)
from chalicelib.mail.from_field import from_field
from chalicelib.mail.mailing_list import MailingList
from chalicelib.mail.petition_mails import About
from ops import compiling
from tests.routes.markup import ParsedPage

LANGUAGES = tuple(compiling.languages())
TITLE = 'Freedom <for> "everyone" in Belarus & all'
LINK = "https://zaklik.example/be/unsubscribe/" + "Ab-_" * 150
PAGE = "https://zaklik.example/en/open-door/updates/first-news"
OTHER_PAGE = "https://zaklik.example/be/open-door/updates/second-news"
TELLING = re.compile(
    r"petition|signature|sign|belarus|freedom|open-door|петыцы|подпіс|беларус|петици|подпис"
    r"|unterschr|unterz|peticij|paraš(?!y)|pasiraš|baltarus|petycj|podpis|białoru|петиці|підпис|білорус",
    re.IGNORECASE,
)
"""Words that would show the topic of a mail to a bystander."""
PREVIEW = 120
"""More characters than inboxes show beside the subject."""

MAILING_LIST = MailingList(slug="open-door", sender="Desk <desk@zaklik.example>", mailbox="")
DISCREET = About(petition_title=TITLE, organiser="Door Watch", discreet=True)
ALERT = AlertMessage(
    text_language="be",
    title="Belarus:  the door moved\nagain",
    body_text="It moved & moved.\n\n* once\n* twice",
    body_html=Markup("<p>It moved &amp; moved.</p>"),
    **DISCREET,
    page=PAGE,
    unsubscribe=LINK,
)
DIGEST = DigestMessage(
    headlines=[
        Headline(language="en", title="The door <moved>", summary="A little.", page=PAGE),
        Headline(language="be", title="Дзверы & зрушылі", summary="Крыху.", page=OTHER_PAGE),
    ],
    **DISCREET,
    unsubscribe=LINK,
)
every_language = pytest.mark.parametrize("language", LANGUAGES)
DISCREET_ALERTS = [ALERT, DIGEST]
OPEN_ALERT, OPEN_DIGEST = replace(ALERT, discreet=False), replace(DIGEST, discreet=False)
every_discreet_alert = pytest.mark.parametrize("alert", DISCREET_ALERTS, ids=lambda it: it.name)
every_alert = pytest.mark.parametrize(
    "alert", [*DISCREET_ALERTS, OPEN_ALERT, OPEN_DIGEST], ids=lambda alert: alert.name
)


def copy_of(
    alert: AlertMessage | DigestMessage, language: str, mailing_list: MailingList = MAILING_LIST
) -> BulkRecipient:
    """A copy of an alert."""
    return alert_messages.to_recipient(
        "hanna@example.org", language, alert, mailing_list=mailing_list, tags={"recipient": "1"}
    )


def parts_of(alert: AlertMessage | DigestMessage, language: str) -> tuple[str, str, ParsedPage]:
    """Subject, text and HTML of a copy of an alert."""
    parts = json.loads(copy_of(alert, language).variables)
    return parts["subject"], parts["text"], ParsedPage(parts["html"])


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_kind_of_alert_has_an_example_here() -> None:
    assert {alert.name: type(alert) for alert in (ALERT, DIGEST)} == ALERTS


@every_language
@every_discreet_alert
def test_subject_and_first_lines_do_not_show_the_topic(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    subject, text, page = parts_of(alert, language)

    previews = (text[:PREVIEW], page.one("body").text[:PREVIEW], page.one("title").text)
    assert alert.sender_name == ""
    for shown in (subject, *previews):
        assert "Door Watch" not in shown
        assert not TELLING.search(shown)
        assert "door" not in shown
        assert "Дзверы" not in shown
    assert 5 < len(subject) < 60
    assert subject == in_one_line(subject)
    assert (subject == parts_of(alert, "en")[0]) == (language == "en")


@every_language
def test_an_open_alert_has_the_title_of_its_update_for_a_subject(language: str) -> None:
    subject, _, page = parts_of(OPEN_ALERT, language)

    assert subject == "Belarus: the door moved again"
    assert OPEN_ALERT.sender_name == "Door Watch"
    assert page.all("td")[1].text == "Door Watch"


@every_language
def test_an_open_digest_names_its_petition_in_the_subject(language: str) -> None:
    subject, _, _ = parts_of(OPEN_DIGEST, language)

    assert subject.endswith(f": {TITLE}")


@every_language
@every_alert
def test_an_alert_ends_with_the_name_of_its_organiser(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    _, text, page = parts_of(alert, language)

    assert "Door Watch" in text.splitlines()
    assert page.all("td")[-2].text.count("Door Watch") == 1


@every_language
@every_alert
def test_an_alert_has_a_link_and_one_click_to_unsubscribe(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    recipient = copy_of(alert, language)
    _, text, page = parts_of(alert, language)

    assert recipient.headers["List-Unsubscribe"] == f"<{LINK}>"
    assert recipient.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert recipient.tags == {"recipient": "1"}
    assert text.splitlines().count(LINK) == 1
    assert [link["href"] for link in page.all("a")][-1] == LINK


@every_language
@every_alert
def test_an_alert_names_its_petition_at_the_end(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    _, text, page = parts_of(alert, language)

    news_end = text.rindex("/updates/")
    if alert.discreet:
        assert in_one_line(text).count(TITLE) == 1
    assert TITLE in in_one_line(text[news_end:])
    assert TITLE in page.one("body").text


@every_language
@every_alert
def test_an_alert_is_well_formed_plain_text(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    _, text, _ = parts_of(alert, language)

    assert all(len(line) <= 78 for line in text.splitlines() if line != LINK)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "&amp;" not in text
    assert "&lt;" not in text


@every_language
@every_alert
def test_the_html_loads_nothing_and_tracks_nobody(
    alert: AlertMessage | DigestMessage, language: str
) -> None:
    _, _, page = parts_of(alert, language)

    html = json.loads(copy_of(alert, language).variables)["html"]
    assert page.one("html")["lang"] == language
    assert page.all("img", "script", "link", "iframe", "form", "object", "video") == []
    assert not re.search(r"url\(|@import|@font-face", html)
    assert "src=" not in html
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {LINK, PAGE, OTHER_PAGE}


@every_language
def test_an_alert_contains_the_whole_update(language: str) -> None:
    _, text, page = parts_of(ALERT, language)

    assert "Belarus:  the door moved\nagain\n=====" in text
    assert "It moved & moved. * once * twice" in in_one_line(text)
    assert page.one("h1").text.split() == ALERT.title.split()
    assert "It moved & moved." in page.one("body").text
    assert PAGE in text.splitlines()
    assert [link["href"] for link in page.all("a")] == [PAGE, PAGE, LINK]
    assert [link.text for link in page.all("a")][1] == PAGE


@every_language
def test_a_digest_lists_each_update_in_its_language(language: str) -> None:
    _, text, page = parts_of(DIGEST, language)

    assert f"The door <moved>\n----------------\n\nA little.\n\n{PAGE}\n" in text
    assert f"Дзверы & зрушылі\n----------------\n\nКрыху.\n\n{OTHER_PAGE}\n" in text
    assert [(heading["lang"], heading.text) for heading in page.all("h2")] == [
        ("en", "The door <moved>"),
        ("be", "Дзверы & зрушылі"),
    ]
    assert [link["href"] for link in page.all("a")] == [PAGE, OTHER_PAGE, LINK]


@every_alert
def test_only_an_alert_that_no_person_has_started_calls_itself_automatic(
    alert: AlertMessage | DigestMessage,
) -> None:
    automatic = copy_of(alert, "en").headers.get("Auto-Submitted")

    assert automatic == ("auto-generated" if isinstance(alert, DigestMessage) else None)


@every_alert
@pytest.mark.parametrize("policy", [policies.default, policies.compat32], ids=["new", "old"])
def test_an_alert_survives_its_transport(
    alert: AlertMessage | DigestMessage, policy: Policy
) -> None:
    """Both parsers of the library read it: one of structured headers, and one of plain text."""
    mailing_list = replace(MAILING_LIST, mailbox="leave@zaklik.example")
    # As long as a link with the longest slug.
    copy = copy_of(replace(alert, unsubscribe=LINK[:300]), "be", mailing_list)
    parts = json.loads(copy.variables)
    # SES does not fold these headers. A line may have 998 characters (RFC 5322).
    sent = EmailMessage(policy=policies.SMTP.clone(max_line_length=998))
    sent["From"] = from_field(mailing_list.sender, alert.sender_name)
    sent["Subject"] = parts["subject"]
    for name, value in copy.headers.items():
        sent[name] = value
    sent.set_content(parts["text"])
    sent.add_alternative(parts["html"], subtype="html")

    read: Message = BytesParser(policy=policy).parsebytes(sent.as_bytes())

    subject = str(make_header(decode_header(str(read["Subject"]))))
    assert subject == parts["subject"]
    for name, value in copy.headers.items():
        assert "".join(str(read[name]).split()) == "".join(value.split())
    bodies = [part.get_payload(decode=True) for part in read.walk() if not part.is_multipart()]
    texts = [body.decode().splitlines() for body in bodies if isinstance(body, bytes)]
    assert texts == [parts["text"].splitlines(), parts["html"].splitlines()]
    assert not read.defects


def test_the_repr_of_a_recipient_shows_no_address() -> None:
    recipient = copy_of(ALERT, "en")

    assert "hanna" not in repr(recipient)
    assert "hanna" not in repr(
        alert_messages.BulkEmail(recipients=[recipient], sender_name="", tags={})
    )
