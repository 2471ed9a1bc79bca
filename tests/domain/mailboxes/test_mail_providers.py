"""Which addresses are one mailbox, and which are two. The comments say who says so."""

from itertools import pairwise

import pytest

from chalicelib.domain.mailboxes import mail_providers
from chalicelib.domain.mailboxes.email_address import parse

ONE_MAILBOX = [
    # Google, "Receive messages sent to a different version of your address"
    ("hanna.sh@gmail.com", "hannash@gmail.com"),
    ("h.a.n.n.a@gmail.com", "hanna@gmail.com"),
    ("hanna@googlemail.com", "hanna@gmail.com"),
    ("hanna+door@googlemail.com", "han.na@gmail.com"),
    # Yandex, "Email aliases": each mailbox has all of Yandex' domains
    ("hanna@yandex.by", "hanna@yandex.ru"),
    ("hanna@ya.ru", "hanna@yandex.com"),
    ("hanna@narod.ru", "hanna@yandex.kz"),
    ("hanna@yandex.ua", "hanna@yandex.com.tr"),
    # Yandex, "Username": a full stop and a hyphen are the same in a login
    ("hanna.sh@yandex.ru", "hanna-sh@yandex.ru"),
    ("hanna-sh+door@yandex.by", "hanna.sh@ya.ru"),
    # Proton, "Change your username": . - and _ are transparent
    ("hanna.sh@proton.me", "hannash@proton.me"),
    ("hanna_sh@protonmail.com", "hanna-sh@protonmail.com"),
    # Proton, "Addresses and aliases": its domains are those of one account
    ("hanna@pm.me", "hanna@proton.me"),
    ("hanna@protonmail.ch", "hanna@protonmail.com"),
    # Apple, "iCloud Mail addresses": @me.com and @mac.com became @icloud.com
    ("hanna@me.com", "hanna@icloud.com"),
    ("hanna@mac.com", "hanna@icloud.com"),
    # Fastmail, "Plus addressing and subdomain addressing"
    ("anything@hanna.fastmail.com", "hanna@fastmail.com"),
    ("shop@hanna.fastmail.fm", "hanna+door@fastmail.fm"),
    # RFC 5233, "Subaddress Extension": what follows a plus is detail of the same mailbox
    ("hanna+door@outlook.com", "hanna@outlook.com"),
    ("hanna+door@mail.ru", "hanna@mail.ru"),
    ("hanna+door@tut.by", "hanna@tut.by"),
    ("hanna+a@posteo.de", "hanna+b@posteo.de"),
    ("hanna+a+b@riseup.net", "hanna@riseup.net"),
    ("hanna+door@mailbox.org", "hanna@mailbox.org"),
    ("hanna+door@example.org", "hanna@example.org"),
    # RFC 5321, section 2.4: no provider of today tells capitals from small letters
    ("Hanna@Example.ORG", "hanna@example.org"),
]
TWO_MAILBOXES = [
    # Microsoft: a name at another of its domains belongs to whoever took it there
    ("hanna@outlook.com", "hanna@hotmail.com"),
    ("hanna@outlook.com", "hanna@outlook.fr"),
    ("hanna@live.com", "hanna@hotmail.com"),
    ("hanna@live.com", "hanna@msn.com"),
    # Microsoft: a full stop is part of the name
    ("hanna.sh@outlook.com", "hannash@outlook.com"),
    # Google Workspace: at an own domain, a full stop is part of the name
    ("hanna.sh@example.org", "hannash@example.org"),
    # Gmail takes neither of these
    ("hanna-sh@gmail.com", "hannash@gmail.com"),
    # Yandex: the two marks are alike, and not nothing
    ("hanna.sh@yandex.ru", "hannash@yandex.ru"),
    # Mail.ru: its four domains have names of their own
    ("hanna@mail.ru", "hanna@bk.ru"),
    ("hanna@inbox.ru", "hanna@list.ru"),
    ("hanna.sh@mail.ru", "hanna-sh@mail.ru"),
    # Yahoo: base-keyword is a second name, and not that of the account
    ("hanna-door@yahoo.com", "hanna@yahoo.com"),
    ("hanna@yahoo.com", "hanna@ymail.com"),
    ("hanna@yahoo.com", "hanna@yahoo.de"),
    # Apple: a full stop is part of the name
    ("hanna.sh@icloud.com", "hannash@icloud.com"),
    # GMX and WEB.DE: each domain has names of its own
    ("hanna@gmx.de", "hanna@gmx.net"),
    ("hanna@gmx.at", "hanna@gmx.de"),
    # Posteo, "How do I add an email alias?": a name at each domain is chosen by its owner
    ("hanna@posteo.de", "hanna@posteo.net"),
    ("hanna.sh@posteo.de", "hannash@posteo.de"),
    # Tuta and Rambler: each domain has names of its own
    ("hanna@tutanota.com", "hanna@tuta.io"),
    ("hanna@rambler.ru", "hanna@lenta.ru"),
    # Fastmail: its domains are not aliases of each other
    ("hanna@fastmail.com", "hanna@fastmail.fm"),
    ("a@hanna.fastmail.com", "a@maria.fastmail.com"),
    # A subdomain elsewhere says nothing
    ("a@hanna.example.org", "hanna@example.org"),
    # Amazon SES, "mailbox simulator": each label is a mailbox of its own
    ("success+a@simulator.amazonses.com", "success+b@simulator.amazonses.com"),
    # A name with another separator of a mail server
    ("hanna-door@example.org", "hanna@example.org"),
    ("hanna=door@example.org", "hanna@example.org"),
    ("hanna_door@example.org", "hannadoor@example.org"),
]


@pytest.mark.parametrize(("one", "other"), ONE_MAILBOX)
def test_two_spellings_of_one_mailbox_have_one_canonical_form(one: str, other: str) -> None:
    assert parse(one).canonical == parse(other).canonical


@pytest.mark.parametrize(("one", "other"), TWO_MAILBOXES)
def test_two_mailboxes_stay_two(one: str, other: str) -> None:
    assert parse(one).canonical != parse(other).canonical


@pytest.mark.parametrize("typed", sorted({address for pair in ONE_MAILBOX for address in pair}))
def test_mail_goes_to_the_spelling_that_was_typed(typed: str) -> None:
    local, _, domain = typed.rpartition("@")

    assert parse(typed).deliverable == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    "domain",
    [
        *["gmail.com", "googlemail.com", "outlook.com", "hotmail.fr", "yahoo.co.uk", "icloud.com"],
        *["proton.me", "tutanota.com", "posteo.de", "riseup.net", "gmx.at", "web.de", "free.fr"],
        *["yandex.by", "mail.ru", "bk.ru", "rambler.ru", "tut.by", "ukr.net", "i.ua", "wp.pl"],
        *["o2.pl", "onet.pl", "interia.pl", "seznam.cz", "libero.it", "t-online.de", "aol.com"],
    ],
)
def test_strangers_share_a_large_domain(domain: str) -> None:
    assert mail_providers.is_large(domain)


@pytest.mark.parametrize(
    "domain", ["example.org", "bsu.by", "simulator.amazonses.com", "hanna.fastmail.com", ""]
)
def test_other_domains_are_not_large(domain: str) -> None:
    assert not mail_providers.is_large(domain)


def test_large_domains_are_written_as_they_are_compared() -> None:
    assert all(parse(f"x@{domain}").domain == domain for domain in mail_providers.LARGE)


def test_no_provider_is_written_twice() -> None:
    names = sorted([*mail_providers.RULES, *mail_providers._PUBLIC.split()])

    assert [one for one, other in pairwise(names) if one == other] == []
