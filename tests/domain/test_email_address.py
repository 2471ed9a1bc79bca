"""What is accepted as an address, where its mail goes, and which ones are the same mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.email_address import BadAddress, EmailAddress, parse


@pytest.mark.parametrize(
    ("typed", "deliverable"),
    [
        ("hanna@example.org", "hanna@example.org"),
        ("  Hanna.Sh@Example.ORG ", "Hanna.Sh@example.org"),
        ("hanna@пошта.бел", "hanna@xn--80a1acn3a.xn--90ais"),
        ("hanna＠example.org", "hanna@example.org"),
        ("o'neil+door@example.co.uk", "o'neil+door@example.co.uk"),
    ],
)
def test_mail_goes_to_the_address_as_typed(typed: str, deliverable: str) -> None:
    address = parse(typed)

    assert address.deliverable == deliverable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hanna@example.org", "hanna@EXAMPLE.org"),
        ("ha.n.na+door@gmail.com", "hanna@googlemail.com"),
        ("han-na_1@proton.me", "hanna1@protonmail.com"),
        ("hanna@yandex.by", "hanna@ya.ru"),
        ("hanna+x@outlook.com", "hanna@outlook.com"),
    ],
)
def test_two_spellings_of_one_mailbox_are_the_same(one: str, other: str) -> None:
    assert parse(one).canonical == parse(other).canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ha.nna@example.org", "hanna@example.org"),
        ("hanna+door@example.org", "hanna@example.org"),
        ("hanna@outlook.com", "hanna@hotmail.com"),
    ],
)
def test_where_the_rules_are_unknown_two_spellings_stay_two(one: str, other: str) -> None:
    assert parse(one).canonical != parse(other).canonical


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "hanna",
        "hanna@",
        "@example.org",
        "hanna@localhost",
        "ha nna@example.org",
        "hanna@example..org",
        '"hanna"@example.org',
        "hanna@[127.0.0.1]",
        "Hanna <hanna@example.org>",
        "hanna@example.org\nbcc: x@example.org",
        "hanna@example.org, other@example.org",
        "ганна@example.org",
        "hanna\u202e@example.org",
        f"{'h' * 65}@example.org",
        f"hanna@{'d' * 250}.org",
        "hanna@-example.org",
    ],
)
def test_what_cannot_be_written_to_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse(typed)

    assert caught.value.reason.text.endswith((".", "org"))


def test_a_local_part_that_ses_cannot_carry_gets_its_own_reason() -> None:
    with pytest.raises(BadAddress) as caught:
        parse("ганна@example.org")

    assert "before the @" in caught.value.reason.text


def test_an_address_does_not_show_in_a_traceback() -> None:
    assert "hanna" not in repr(parse("hanna@example.org"))


@given(st.text(max_size=300))
def test_any_text_is_either_an_address_or_refused(typed: str) -> None:
    try:
        address = parse(typed)
    except BadAddress:
        return

    assert isinstance(address, EmailAddress)
    assert address.deliverable.isascii()
    assert parse(address.deliverable).canonical == address.canonical
