"""The headers of a list: its name tells nothing, and every mail program finds a way to leave."""

import re
from dataclasses import replace
from email.headerregistry import HeaderRegistry
from urllib.parse import parse_qs, urlsplit

from chalicelib.mail.mailing_list import MailingList

LINK = "https://zaklik.example/be/unsubscribe/" + "Ab-_" * 60
LIST = MailingList(slug="belarus-mothers", sender="Desk <desk@zaklik.example>", mailbox="")


def test_a_list_has_one_name_in_all_its_mails_and_no_other_list_has_it() -> None:
    name = LIST.headers(LINK, automatic=False)["List-Id"]

    assert re.fullmatch(r"<[0-9a-f]{12}\.news\.zaklik\.example>", name)
    assert LIST.headers(LINK + "x", automatic=True)["List-Id"] == name
    other = replace(LIST, slug="belarus-fathers")
    assert other.headers(LINK, automatic=False)["List-Id"] != name


def test_no_header_names_the_petition() -> None:
    shown = [*LIST.headers(LINK, automatic=True).values(), *LIST.feedback_tags("digest").values()]

    assert not any("belarus" in value or "mothers" in value for value in shown)


def test_without_a_mailbox_the_link_is_the_only_way_to_leave() -> None:
    assert LIST.headers(LINK, automatic=False)["List-Unsubscribe"] == f"<{LINK}>"


def test_with_a_mailbox_a_mail_program_can_write_to_it_with_the_token() -> None:
    listed = replace(LIST, mailbox="leave+news@zaklik.example")

    header = listed.headers(LINK, automatic=False)["List-Unsubscribe"]

    link, mailto = re.findall(r"<([^>]+)>", header)
    assert link == LINK
    assert urlsplit(mailto).path == "leave+news@zaklik.example"
    token = LINK.rpartition("/")[2]
    assert parse_qs(urlsplit(mailto).query) == {"subject": [f"unsubscribe {token}"]}


def test_every_header_is_one_that_ses_and_mail_programs_can_read() -> None:
    read = HeaderRegistry()
    for name, value in LIST.headers(LINK, automatic=True).items():
        assert value.isascii()
        assert "\n" not in value
        # SES takes at most 870 characters of a header.
        assert len(name) + len(value) <= 870
        assert read(name, value).defects == ()


def test_gmail_learns_the_kind_of_mail_and_the_list_but_no_person() -> None:
    tags = LIST.feedback_tags("update")

    assert tags["ses:feedback-id-a"] == "update"
    assert tags["ses:feedback-id-b"] in LIST.headers(LINK, automatic=False)["List-Id"]
