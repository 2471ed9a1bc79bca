"""Addresses, names and hostile texts that other projects collected: what is taken, what is refused.

`corpora/LICENCES.txt` says where they come from.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from chalicelib.domain.errors import Message
from chalicelib.domain.mailboxes.email_address import BadAddress, parse_pasted
from chalicelib.domain.signature import read_name

CORPORA: Final = Path(__file__).parent / "corpora"
VALID: Final = ("VALID_CATEGORY", "DNSWARN", "RFC5321", "email_valid")
"""Categories of addresses that the collections call valid. DNS is not asked here."""
DIFFERENCES: Final = {
    "Spaces and line breaks around an address are trimmed": [
        "\r\n test@iana.org",
        "\r\n \r\n test@iana.org",
        "test@iana.org\n",
        "test@iana.org\r",
        "\rtest@iana.org",
        "\ntest@iana.org",
        "\r\ntest@iana.org",
        "\r\n \r\ntest@iana.org",
        " \r\ntest@iana.org",
        " \r\n test@iana.org",
        " \r\n \r\ntest@iana.org",
        " \r\n\r\ntest@iana.org",
        " \r\n\r\n test@iana.org",
        "test@iana.org\r\n ",
        "test@iana.org\r\n \r\n ",
        "test@iana.org\r\n",
        "test@iana.org\r\n \r\n",
        "test@iana.org \r\n",
        "test@iana.org \r\n ",
        "test@iana.org \r\n \r\n",
        "test@iana.org \r\n\r\n",
        "test@iana.org \r\n\r\n ",
        " test@iana.org",
        "test@iana.org ",
        "my@example.com\n",
        "\nmy@example.com",
    ],
    "What surrounds a pasted address is left away": [
        "test@iana.org.",
        '"test@iana.org',
        "(test@iana.org",
        "my@trailingdot.com.",
        "my@trailingfwdot.com\uff0e",
        "<me@example.com>",
        "<me@example.com> !",
        "DisplayName <me@example.com>",
        "Display Name <me@example.com>",
        '"Display Name" <me@example.com>',
        "Display.Name <me@example.com>",
        '"Display.Name" <me@example.com>',
    ],
    "Reserved domains are refused by the setting of the service, not here": [
        "me@test.test.test",
    ],
    "Quoted names are real to the standard, and to hardly any provider": [
        '"test"@iana.org',
        '""@iana.org',
        '"\\a"@iana.org',
        '"\\""@iana.org',
        '"\\\\"@iana.org',
        '"test\\ test"@iana.org',
        '"quoted local part"@example.org',
        '"de-quoted.local.part"@example.org',
        '"unnecessary.escaped.\\x.local.part"@example.org',
        '"escaped.quote.\\".local.part"@example.org',
        '"My.\\"Na\\\\me\\".Is" <"me \\" \\\\ me"@example.org>',
    ],
    "Numbers of computers are no domains": [
        "test@iana.123",
        "test@255.255.255.255",
        "test@[255.255.255.255]",
        "test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]",
        "test@[IPv6:1111:2222:3333:4444:5555::8888]",
        "test@[IPv6:::3333:4444:5555:6666:7777:8888]",
        "test@[IPv6:::]",
        "test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]",
        "test@[IPv6:1111:2222:3333:4444::255.255.255.255]",
    ],
    "A domain has a dot in it": [
        "test@io",
        "test@org",
    ],
}
"""Where this service differs from a collection, by the reason."""


def corpus(name: str) -> Any:
    return json.loads((CORPORA / name).read_text("utf-8"))


def is_taken(address: str) -> bool:
    try:
        parse_pasted(address)
    except BadAddress:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "taken", "refused", "differences"),
    [("isemail.json", 49, 115, 45), ("email_validator.json", 19, 117, 17)],
)
def test_addresses_are_taken_as_their_collection_says_or_for_a_reason_not(
    name: str, taken: int, refused: int, differences: int
) -> None:
    addresses: Sequence[tuple[str, str]] = corpus(name)["addresses"]
    counts = Counter(is_taken(address) for address, _ in addresses)
    other = [address for address, category in addresses if (category in VALID) != is_taken(address)]

    assert counts == {True: taken, False: refused}
    assert len(other) == differences
    assert set(other) <= {address for known in DIFFERENCES.values() for address in known}


def test_every_difference_is_one() -> None:
    addresses = {
        address: category in VALID
        for name in ("isemail.json", "email_validator.json")
        for address, category in corpus(name)["addresses"]
    }

    assert [
        address
        for known in DIFFERENCES.values()
        for address in known
        if addresses[address] == is_taken(address)
    ] == []


@pytest.mark.parametrize("country", sorted(corpus("names.json")["names"]))
def test_the_names_of_a_country_are_all_taken(country: str) -> None:
    refused = {}
    for name in corpus("names.json")["names"][country]:
        errors: dict[str, Message] = {}
        if read_name(name, errors) == "" or errors:
            refused[name] = errors

    assert refused == {}


def test_names_of_many_countries_were_collected() -> None:
    names = corpus("names.json")["names"]

    assert len(names) >= 80
    assert sum(map(len, names.values())) >= 3000
    assert {"ru_RU", "uk_UA", "pl_PL", "lt_LT", "ka_GE", "fa_IR", "hi_IN", "ko_KR"} <= set(names)


def test_hostile_texts_are_names_only_if_they_have_a_letter_and_nothing_invisible() -> None:
    counts: Counter[str] = Counter()
    for text in corpus("naughty_strings.json")["strings"]:
        errors: dict[str, Message] = {}
        read_name(text, errors)
        counts[errors["name"].text if errors else "taken"] += 1

    assert counts == {
        "taken": 67,
        "Please enter a name with at least one letter.": 93,
        "The name contains an invisible character. Please type it instead of pasting it.": 11,
        "The name is too long. It can have up to {limit} characters.": 8,
        "Please enter a name.": 3,
    }


def test_no_hostile_text_is_an_address() -> None:
    assert not any(map(is_taken, corpus("naughty_strings.json")["strings"]))
