"""Every single mail in every language: its subject, whole links, plain text and HTML."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from pathlib import Path

import pytest

from chalicelib.mail import composing
from chalicelib.mail.alert_messages import ALERTS
from chalicelib.mail.composing import Email
from chalicelib.mail.from_field import from_field
from chalicelib.mail.messages import (
    MESSAGES,
    AlreadySigned,
    ConfirmAlerts,
    ConfirmSignature,
    ConfirmTestAddress,
    MailContent,
    MailKind,
    MailMessage,
    NothingStored,
    SelfServiceLink,
    Welcome,
)
from chalicelib.mail.petition_mails import About
from chalicelib.rendering import translations
from ops import compiling
from tests.routes.markup import ParsedPage

LANGUAGES = tuple(compiling.languages())
TITLE = 'Freedom <for> "everyone" & all'
LINK = "https://zaklik.example/be/confirm/" + "Ab-_" * 150
NEWS = "https://zaklik.example/be/confirm-alerts/" + "Mn-_" * 100
NEVER = "https://zaklik.example/be/block/" + "Xy-_" * 60
PERSON = "9a41" * 8
TELLING = re.compile(
    r"petition|signature|sign|belarus|freedom|петыцы|подпіс|беларус|петици|подпис"
    r"|unterschr|unterz|peticij|paraš(?!y)|pasiraš|baltarus|petycj|podpis|białoru|петиці|підпис|білорус",
    re.IGNORECASE,
)
"""Words that would show the topic of a mail to a bystander."""
NAMING = r"petition|belarus|петыцы|беларус|петици|peticij|baltarus|petycj|białoru|петиці|білорус"

DISCREET = About(petition_title=TITLE, organiser="Door Watch", discreet=True)

MAILS_TO_SEND: Sequence[MailMessage] = [
    ConfirmSignature(
        **DISCREET,
        block_link=NEVER,
        link=LINK,
        code="ABCD2345",
        code_hours=2,
        link_days=7,
    ),
    ConfirmAlerts(**DISCREET, block_link=NEVER, link=LINK, link_days=7),
    AlreadySigned(**DISCREET, block_link=NEVER, link=LINK, alerts_link="", link_days=1),
    AlreadySigned(**DISCREET, block_link=NEVER, link=LINK, alerts_link=NEWS, link_days=2),
    SelfServiceLink(**DISCREET, block_link=NEVER, link=LINK, link_days=22),
    NothingStored(**DISCREET, block_link=NEVER),
    Welcome(
        **DISCREET,
        block_link=NEVER,
        link=LINK,
        link_days=7,
        frequency="each",
        news_language="English",
    ),
    Welcome(
        **DISCREET,
        block_link=NEVER,
        link=LINK,
        link_days=1,
        frequency="weekly",
        news_language="Беларуская",
    ),
    ConfirmTestAddress(**DISCREET, block_link=NEVER, code="ABCD2345", code_minutes=15),
]
OPEN_MAILS = [replace(mail, discreet=False) for mail in MAILS_TO_SEND]
every_discreet_mail = pytest.mark.parametrize("mail", MAILS_TO_SEND, ids=lambda mail: mail.name)
every_open_mail = pytest.mark.parametrize("mail", OPEN_MAILS, ids=lambda mail: mail.name)
every_mail = pytest.mark.parametrize(
    "mail", [*MAILS_TO_SEND, *OPEN_MAILS], ids=lambda mail: mail.name
)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def _composed(mail: MailMessage, language: str) -> Email:
    return composing.compose(
        MailContent(
            to="hanna@example.org",
            person=PERSON,
            asker="a",
            slug="open-door",
            language=language,
            mail=mail,
        )
    )


OF_THE_DESK = (MailKind.DESK, MailKind.APPROVAL)


def test_every_mail_has_its_folder_and_every_folder_its_mail() -> None:
    folders = Path(__file__).parents[2] / "templates/emails"

    assert {path.name for path in folders.iterdir() if path.is_dir()} == {*MESSAGES, *ALERTS}
    of_visitors = {name for name, mail in MESSAGES.items() if mail.kind not in OF_THE_DESK}
    assert {mail.name for mail in MAILS_TO_SEND} == of_visitors


@every_mail
def test_a_mail_comes_back_from_its_plain_text(mail: MailMessage) -> None:
    content = MailContent(
        to="ганна@example.org", person=PERSON, asker="a", slug="open-door", language="be", mail=mail
    )

    assert MailContent.from_values(json.loads(json.dumps(content.to_values()))) == content


@every_mail
def test_the_repr_of_a_mail_shows_no_address_and_no_link(mail: MailMessage) -> None:
    content = MailContent(
        to="hanna@example.org", person=PERSON, asker="a", slug="open-door", language="en", mail=mail
    )

    assert "hanna" not in f"{content!r} {content} {composing.compose(content)!r}"
    assert LINK not in f"{content!r} {content} {composing.compose(content)!r}"


@every_language
@every_discreet_mail
def test_the_subject_is_one_line_that_does_not_show_the_topic(
    mail: MailMessage, language: str
) -> None:
    subject = _composed(mail, language).subject

    assert 5 < len(subject) < 60
    assert subject == " ".join(subject.split())
    assert (subject == _composed(mail, "en").subject) == (language == "en")
    assert not TELLING.search(subject)
    assert TITLE not in subject


@every_language
@every_open_mail
def test_an_open_mail_says_who_sends_it_and_what_it_is_about(
    mail: MailMessage, language: str
) -> None:
    email = _composed(mail, language)

    assert email.sender_name == "Door Watch"
    assert email.subject.endswith(f": {TITLE}")
    assert ParsedPage(email.html).all("td")[1].text == "Door Watch"


@every_language
@every_discreet_mail
def test_a_discreet_mail_comes_from_the_service_itself(mail: MailMessage, language: str) -> None:
    assert _composed(mail, language).sender_name == ""


@every_language
@every_mail
def test_a_mail_names_its_organiser(mail: MailMessage, language: str) -> None:
    email = _composed(mail, language)

    assert "Door Watch" in email.text
    assert "Door Watch" in ParsedPage(email.html).one("body").text


@every_language
@every_discreet_mail
def test_the_preview_in_an_inbox_does_not_name_the_petition(
    mail: MailMessage, language: str
) -> None:
    email = _composed(mail, language)

    page = ParsedPage(email.html)
    for preview in (email.text[:90], page.one("body").text[:90], page.one("title").text):
        assert TITLE not in preview
        assert "Door Watch" not in preview
        assert not re.search(NAMING, preview, re.IGNORECASE)


@every_language
@every_mail
def test_every_link_is_whole_on_a_line_of_its_own(mail: MailMessage, language: str) -> None:
    email = _composed(mail, language)

    links = ParsedPage(email.html).all("a")
    main = [LINK] if hasattr(mail, "link") else []
    wanted = [*main, *([NEWS] if getattr(mail, "alerts_link", "") else []), NEVER]
    assert [link["href"] for link in links] == [*wanted[:-1], *main, NEVER]
    assert [link.text for link in links if link.text == link["href"]] == main
    assert [line for line in email.text.splitlines() if "http" in line] == wanted
    assert email.text.rstrip().endswith(NEVER)


@every_language
@every_mail
def test_a_mail_is_well_formed_plain_text(mail: MailMessage, language: str) -> None:
    text = _composed(mail, language).text

    assert all(len(line) <= 78 for line in text.splitlines() if "http" not in line)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert TITLE in _in_one_line(text)
    assert "&amp;" not in text


@every_language
@every_mail
def test_the_html_has_the_same_text_and_loads_nothing(mail: MailMessage, language: str) -> None:
    email = _composed(mail, language)

    page = ParsedPage(email.html)
    plain = _in_one_line(email.text.replace(LINK, "").replace(NEWS, "").replace(NEVER, ""))
    assert page.one("html")["lang"] == language
    assert page.all("img", "script", "link", "iframe", "form", "object", "video") == []
    assert not re.search(r"url\(|@import|@font-face", email.html)
    assert "src=" not in email.html
    assert set(re.findall(r"https?://[^\s\"'<]+", email.html)) <= {LINK, NEWS, NEVER}
    assert TITLE in page.one("body").text
    # Plain text has no buttons, and so no address for one that does nothing.
    buttons = {link.text for link in page.all("a")}
    texts = [each.text for each in page.all("p", "li") if each.get("class") != "small aside"]
    assert [text for text in texts if text not in buttons and text not in plain] == []


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


@every_language
def test_the_code_is_shown_in_two_groups(language: str) -> None:
    email = _composed(MAILS_TO_SEND[0], language)

    assert "ABCD 2345" in email.text.splitlines()
    assert "ABCD 2345" in ParsedPage(email.html).one("body").text


@every_language
@every_discreet_mail
def test_a_reader_learns_what_a_mail_is_about_before_what_to_do_with_a_false_one(
    mail: MailMessage, language: str
) -> None:
    text = " ".join(_composed(mail, language).text.split())
    not_you = {
        _("If it was not you, do nothing: nothing from this request is stored.", language),
        _("If it was not you, do nothing, and nothing will change.", language),
    }

    for sentence in not_you:
        assert sentence not in text or text.index(TITLE) < text.index(sentence)


@every_language
@every_mail
def test_a_mail_is_marked_as_auto_generated(mail: MailMessage, language: str) -> None:
    assert _composed(mail, language).headers == {"Auto-Submitted": "auto-generated"}


@every_language
def test_a_welcome_says_what_was_chosen(language: str) -> None:
    each, weekly = (_composed(mail, language) for mail in MAILS_TO_SEND if mail.name == "welcome")

    assert ("- " + _("Each time there is news", language)) in each.text.splitlines()
    assert ("- " + _("Once a week, all the news in one email", language)) in (
        weekly.text.splitlines()
    )
    assert "English" in each.text
    assert "Беларуская" in weekly.text


def _(message: str, language: str) -> str:
    return translations.catalogue(language).gettext(message)


@every_mail
def test_a_mail_survives_its_transport(mail: MailMessage) -> None:
    title = 'A "very" long title, in 中文, עברית and 🕊️, ' * 3
    email = _composed(replace(mail, petition_title=title, organiser="Ёж & Co." * 20), "be")

    sent = EmailMessage(policy=SMTP)
    sent["From"] = from_field("Desk <desk@zaklik.example>", email.sender_name)
    sent["Subject"] = email.subject
    sent.set_content(email.text)
    sent.add_alternative(email.html, subtype="html")
    assert max(map(len, sent.as_bytes().split(b"\r\n"))) <= 998
    read = BytesParser(policy=default).parsebytes(sent.as_bytes())
    text, html = (read.get_body([kind]) for kind in ("plain", "html"))
    assert read["Subject"] == email.subject
    assert read["From"].addresses[0].addr_spec == "desk@zaklik.example"
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == email.text.splitlines()
    assert html.get_content().splitlines() == email.html.splitlines()
