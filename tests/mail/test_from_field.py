"""The From field: an organiser's name beside the service's own address, whatever the name is."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default

import pytest

from chalicelib.mail.from_field import MAX_NAME_BYTES, from_field, parsed

OWN = "Petition desk <desk@zaklik.example>"
NAMES = [
    "Door Watch",
    "Viasna, Inc.",
    'The "Open" Door \\ Society',
    "Правозащитный центр «Весна»",
    "Беларускі Хельсінкскі Камітэт і ўсе, хто чакае лістоў",
    "Müller & Söhne e. V.",
    "עמותת הדלת הפתוחה",
    "جمعية الباب المفتوح",
    "🕊️ Peace 🇧🇾 for all 👩‍👩‍👧",
    "desk@elsewhere.example> (",
]
every_name = pytest.mark.parametrize("name", NAMES)


def _read_back(field: str) -> tuple[str, str]:
    """Name and address of a From field, by Python's own parser of mails."""
    message = BytesParser(policy=default).parsebytes(f"From: {field}\r\n\r\n".encode("ascii"))
    (address,) = message["From"].addresses
    assert not message["From"].defects
    return address.display_name, address.addr_spec


@every_name
def test_a_mail_program_reads_the_name_and_the_address_of_the_service(name: str) -> None:
    field = from_field(OWN, name)

    expected = "Petition desk" if "@" in name else name
    assert parsed(field) == (expected, "desk@zaklik.example")
    shown, address = _read_back(field)
    # Python's parser leaves a space between two encoded words (RFC 2047, 6.2, takes it away).
    assert shown.replace(" ", "") == expected.replace(" ", "")
    assert address == "desk@zaklik.example"


@every_name
def test_the_field_is_ascii_in_words_that_fit_a_line(name: str) -> None:
    field = from_field(OWN, name * 20)

    assert field.isascii()
    assert field.isprintable()
    assert len(field) <= 320
    assert all(len(word) <= 75 for word in field.split() if word.startswith("=?"))


def test_without_a_name_the_service_sends_under_its_own() -> None:
    assert from_field(OWN, "") == OWN
    assert from_field("desk@zaklik.example", "") == "desk@zaklik.example"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
def test_no_name_begins_another_header(end: str) -> None:
    field = from_field(OWN, f"Door{end}Bcc: vera@example.org{end}{end}Watch")

    message = EmailMessage(policy=SMTP)
    message["From"] = field
    assert field.isascii()
    assert field.isprintable()
    assert BytesParser(policy=default).parsebytes(message.as_bytes()).keys() == ["From"]


@pytest.mark.parametrize(
    "name",
    [
        "security@bank.example",
        "Bank <desk@bank.example>",
        "=?utf-8?q?Bank?=",
        "\u202edesk",
        " \n ",
        "\u2066\u2069",
    ],
)
def test_a_name_that_could_be_misread_is_not_used_as_it_is(name: str) -> None:
    field = from_field(OWN, name)

    assert field in (OWN, '"desk" <desk@zaklik.example>')


def test_a_long_name_is_cut_after_a_word() -> None:
    name, _ = parsed(from_field(OWN, "Беларускі камітэт " * 20))

    assert name.endswith(("Беларускі…", "камітэт…"))
    assert len(name.encode()) <= MAX_NAME_BYTES


def test_a_long_name_without_spaces_is_cut_between_characters() -> None:
    name, _ = parsed(from_field(OWN, "🕊" * 100))

    assert set(name) == {"🕊", "…"}


def test_an_own_name_beyond_ascii_is_read() -> None:
    assert parsed("=?utf-8?b?0KHRgtC+0Ls=?= <desk@zaklik.example>") == (
        "Стол",
        "desk@zaklik.example",
    )
    assert parsed("=?no-charset?b?0KHRgtC+0Ls=?= <desk@zaklik.example>")[1] == (
        "desk@zaklik.example"
    )
