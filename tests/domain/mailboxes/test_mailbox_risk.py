"""Mailbox risk: the mailboxes that a hostile state can read."""

import pytest

from chalicelib.domain.errors import RiskyMailbox
from chalicelib.domain.mailboxes import email_address, mailbox_risk


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("hanna@mail.ru", "RU"),
        ("hanna@bk.ru", "RU"),
        ("hanna@ya.ru", "RU"),
        ("hanna@yandex.com", "RU"),
        ("hanna@yandex.by", "BY"),
        ("hanna@yandex.com.tr", "RU"),
        ("Hanna@VK.com", "RU"),
        ("hanna@tut.by", "BY"),
        ("hanna@post.firma.by", "BY"),
        ("ганна@пошта.бел".replace("ганна", "hanna"), "BY"),
        ("hanna@почта.рф", "RU"),
    ],
)
def test_mailboxes_under_the_law_of_belarus_or_russia_have_a_jurisdiction(
    address: str, country: str
) -> None:
    assert mailbox_risk.jurisdiction_of(email_address.parse(address)) == country


@pytest.mark.parametrize(
    "address",
    [
        "hanna@proton.me",
        "hanna@gmail.com",
        "hanna@example.org",
        "hanna@byname.org",
        "hanna@ruby.example",
        "mail.ru@posteo.de",
        "hanna@myyandex.org",
    ],
)
def test_other_mailboxes_have_no_known_jurisdiction(address: str) -> None:
    assert mailbox_risk.jurisdiction_of(email_address.parse(address)) is None


def test_a_form_that_names_the_domain_of_the_warning_is_accepted() -> None:
    address = email_address.parse("hanna@mail.ru")

    with pytest.raises(RiskyMailbox) as warning:
        mailbox_risk.refuse_unacknowledged(address, {})
    mailbox_risk.refuse_unacknowledged(address, {"despite": "mail.ru"})

    with pytest.raises(RiskyMailbox):
        mailbox_risk.refuse_unacknowledged(
            email_address.parse("hanna@tut.by"), {"despite": "mail.ru"}
        )
    assert warning.value.country == "RU"
    assert "hanna" not in str(warning.value)
