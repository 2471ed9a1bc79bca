"""Mails to organisers: in English, with a link that is whole, and nothing that tells the topic."""

import json

import pytest

from chalicelib.mail import composing
from chalicelib.mail.composing import Email
from chalicelib.mail.messages import DeskApprovalMail, DeskLinkMail, MailContent, MailMessage

LINK = "https://zaklik.example/desk/invitation/" + "0123456789abcdef" * 5


APPROVAL = DeskApprovalMail(
    petition_title="",
    organiser="Hanna",
    discreet=True,
    block_link="",
    reader="Maria <b>",
    link="https://zaklik.example/desk",
)


def mail(*, recovers: bool = False, with_code: bool = False) -> DeskLinkMail:
    return DeskLinkMail(
        petition_title="",
        organiser="Hanna",
        discreet=True,
        block_link="",
        reader="Maria <b>",
        link=LINK,
        minutes=30,
        recovers=recovers,
        with_code=with_code,
    )


def composed(of: MailMessage) -> Email:
    content = MailContent(to="m@example.org", person="", asker="a1", language="en", mail=of)
    return composing.compose(content)


@pytest.mark.parametrize("recovers", [False, True])
def test_the_link_is_whole_in_text_and_html(recovers: bool) -> None:
    email = composed(mail(recovers=recovers))

    assert f"\n{LINK}\n" in email.text
    assert email.html.count(f'href="{LINK}"') == 2
    assert "Maria <b>" in email.text
    assert "Maria &lt;b&gt;" in email.html


def test_neither_sender_nor_subject_shows_what_it_is_about() -> None:
    email = composed(mail())

    assert email.sender_name == ""
    assert email.subject == "Your link, for the next 30 minutes"
    assert not [
        word for word in ("petition", "sign", "belarus") if word in email.text.lower()[:200]
    ]


def test_who_has_lost_a_passkey_is_told_what_else_is_needed() -> None:
    assert "recovery code" in composed(mail(recovers=True, with_code=True)).text
    assert "recovery code" not in composed(mail(recovers=True)).text


def test_a_mail_to_an_organiser_has_no_tag_of_a_person() -> None:
    assert composed(mail()).tags == {"mail": "desk_link"}


def test_a_mail_with_a_sealed_address_comes_back_from_its_plain_text() -> None:
    content = MailContent(
        to="",
        person="",
        asker="a1",
        language="en",
        mail=mail(),
        organiser="5c1e0b7fa2d49836",
        sealed_to=b"\x01sealed",
    )

    assert MailContent.from_values(json.loads(json.dumps(content.to_values()))) == content
    assert "sealed" not in repr(content)


def test_who_may_approve_is_led_to_the_desk() -> None:
    email = composed(APPROVAL)

    assert f"\n{APPROVAL.link}\n" in email.text
    assert email.html.count(f'href="{APPROVAL.link}"') == 2
    assert "Maria &lt;b&gt;" in email.html
    assert (email.subject, email.sender_name) == ("Something waits for your approval", "")


def test_questions_use_up_no_mails_that_lead_back_to_an_account() -> None:
    """Each kind has a daily quota of its own."""
    assert DeskApprovalMail.kind is not DeskLinkMail.kind
    assert composed(APPROVAL).tags == {"mail": "desk_approval"}
