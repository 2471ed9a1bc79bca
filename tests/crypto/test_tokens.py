"""Tokens: only the right one, for its purpose and within its lifetime, is accepted."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.tokens import (
    CODE_ALPHABET,
    MAX_TOKEN_CHARACTERS,
    Purpose,
    cleaned,
    code_for,
    is_code_for,
    issue,
    read,
)
from chalicelib.domain.errors import BrokenToken, ExpiredToken
from tests.builders import NOW, token_keys

CLAIMS = {"slug": "open-door", "name": "Ганна"}
WEEK = timedelta(days=7)


def test_a_token_gives_its_claims_back() -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)

    claims = read(token_keys(), Purpose.MANAGE, token, now=NOW, lifetime=WEEK)

    assert claims.values == CLAIMS
    assert claims.issued_at == NOW


def test_the_text_of_a_token_shows_no_claims() -> None:
    token = issue(token_keys(), Purpose.CONFIRM_SIGNATURE, {"email": "a@b.org"}, NOW)

    assert token.replace("-", "").replace("_", "").isalnum()
    assert token != issue(token_keys(), Purpose.CONFIRM_SIGNATURE, {"email": "a@b.org"}, NOW)


@pytest.mark.parametrize("issued_for", list(Purpose))
@pytest.mark.parametrize("used_for", list(Purpose))
def test_a_token_of_one_purpose_is_broken_for_every_other(
    issued_for: Purpose, used_for: Purpose
) -> None:
    token = issue(token_keys(), issued_for, CLAIMS, NOW)

    if issued_for is used_for:
        assert read(token_keys(), used_for, token, now=NOW).values == CLAIMS
    else:
        with pytest.raises(BrokenToken):
            read(token_keys(), used_for, token, now=NOW)


@given(st.data())
def test_a_token_with_any_character_changed_is_broken(data: st.DataObject) -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)
    # The last character may carry bits that decode to nothing, so it is left alone.
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.characters().filter(lambda character: character != token[place]))

    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, token[:place] + other + token[place + 1 :], now=NOW)


@pytest.mark.parametrize(("ours", "other"), [("-", "+"), ("_", "/")])
def test_a_token_in_the_other_alphabet_of_base64_is_broken(ours: str, other: str) -> None:
    token = ""
    while ours not in token:
        token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)

    assert read(token_keys(), Purpose.MANAGE, token, now=NOW).values == CLAIMS
    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, token.replace(ours, other), now=NOW)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_token_ends_in_a_letter_or_a_digit(purpose: Purpose) -> None:
    # In one of three lengths, one token in thirty-two would end in a mark.
    tokens = [
        issue(token_keys(), purpose, {"slug": "x" * (number % 3)}, NOW) for number in range(600)
    ]

    assert all(token[-1].isascii() and token[-1].isalnum() for token in tokens)


AFTER_LINKS = [
    *".,;:!?)>]}\"'»”’…=*_-",
    *["%20", "%0D%0A", " ", "\r\n", "\u200b", "\ufeff", "\u00a0", "\u202c", "=\r\n"],
    *[
        "&amp;utm_source=mail",
        "&utm_source=mail",
        "?fbclid=IwAR0",
        "#:~:text=a",
        "&gt;",
        ").",
        "_.",
        ">,",
    ],
]


@pytest.mark.parametrize("after", AFTER_LINKS)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_a_mail_program_leaves_after_a_link_does_not_break_its_token(
    purpose: Purpose, after: str
) -> None:
    for _ in range(4):
        token = issue(token_keys(), purpose, CLAIMS, NOW)

        opened = read(token_keys(), purpose, token + after, now=NOW)

        assert opened == read(token_keys(), purpose, token, now=NOW)


@pytest.mark.parametrize(
    "between", ["\n", "\r\n", "=\r\n", " ", "%20", "%0A", "\u00ad", "\u200b", "\t"]
)
@given(data=st.data())
def test_a_line_break_in_a_link_does_not_break_its_token(between: str, data: st.DataObject) -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)
    place = data.draw(st.integers(1, len(token) - 1))

    opened = read(token_keys(), Purpose.MANAGE, token[:place] + between + token[place:], now=NOW)

    assert opened.values == CLAIMS


def test_an_escaped_token_is_the_same_token() -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)
    escaped = "".join(f"%{ord(character):02X}" for character in token)

    assert read(token_keys(), Purpose.MANAGE, escaped, now=NOW).values == CLAIMS


@pytest.mark.parametrize("after", AFTER_LINKS)
def test_a_mangled_token_has_the_code_of_the_token(after: str) -> None:
    pending = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)

    assert code_for(token_keys(), pending + after) == code_for(token_keys(), pending)


@given(st.text(max_size=200))
def test_arbitrary_text_is_no_token(text: str) -> None:
    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, text, now=NOW)


@pytest.mark.parametrize("length", [0, 1, 20, -1])
def test_a_cut_token_is_broken(length: int) -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)

    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, token[:length], now=NOW)


def test_a_huge_token_is_broken_before_it_is_decoded() -> None:
    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, "A" * (MAX_TOKEN_CHARACTERS + 1), now=NOW)


def test_a_token_expires_after_its_lifetime_and_not_before() -> None:
    token = issue(token_keys(), Purpose.MANAGE, CLAIMS, NOW)

    read(token_keys(), Purpose.MANAGE, token, now=NOW + WEEK, lifetime=WEEK)
    with pytest.raises(ExpiredToken):
        read(
            token_keys(),
            Purpose.MANAGE,
            token,
            now=NOW + WEEK + timedelta(seconds=1),
            lifetime=WEEK,
        )


def test_a_token_without_a_lifetime_never_expires() -> None:
    token = issue(token_keys(), Purpose.UNSUBSCRIBE, CLAIMS, NOW)

    claims = read(token_keys(), Purpose.UNSUBSCRIBE, token, now=NOW + timedelta(days=36500))

    assert claims.values == CLAIMS


def test_old_tokens_stay_readable_when_a_new_key_becomes_current() -> None:
    old = issue(token_keys(current=1), Purpose.UNSUBSCRIBE, CLAIMS, NOW)

    assert read(token_keys(current=2), Purpose.UNSUBSCRIBE, old, now=NOW).values == CLAIMS


def test_a_code_is_eight_characters_without_look_alikes() -> None:
    pending = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)

    code = code_for(token_keys(), pending)

    assert len(code) == 8
    assert not set(code) & set("OILU")


@pytest.mark.parametrize(
    "typed_as",
    [
        "{}",
        " {} ",
        "{0:.4} {1}",
        *(
            f"{{0:.4}}{dash}{{1}}"
            for dash in "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d_·."
        ),
        *(f"{{0:.4}}{space}{{1}}" for space in "\u00a0\u2009\u202f\u3000\t\n"),
        *(f"{{0:.4}}{hidden}{{1}}" for hidden in "\u00ad\u200b\u2060\ufeff\u202a\u3164"),
        *["“{}”", "«{}»", "„{}“", "'{}'", "‘{}’", '"{}"', "({})", "{}.", "{},", "<{}>", "*{}*"],
        *["Код: {0:.4} {1}", "code:{}", "Your code： {}", "{}:", "{0:.4}:{1}"],
        "lower",
        "wide",
    ],
)
def test_a_code_is_accepted_however_it_is_typed(typed_as: str) -> None:
    pending = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)
    code = code_for(token_keys(), pending)
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    ways = {"lower": code.lower(), "wide": wide}

    assert is_code_for(token_keys(), pending, ways.get(typed_as, typed_as.format(code, code[4:])))


CYRILLIC = dict(zip("АВЕЗІӀЈКМНОРСТУХЅ", "ABE311JKMH0PCTYXS", strict=True))
GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZH1KMN0PTYX", strict=True))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *CYRILLIC.items(),
        *((letter.lower(), meant) for letter, meant in CYRILLIC.items()),
        *GREEK.items(),
        *zip("αβεζικορτχ", "ABEZ1K0PTX", strict=True),
        *zip("oOiIlL", "001111", strict=True),
        *zip("ａＺ０９Ｏｌ", "AZ0901", strict=True),
    ],
)
def test_look_alikes_of_other_keyboards_are_what_is_meant(typed: str, meant: str) -> None:
    assert cleaned(typed) == meant


@pytest.mark.parametrize(
    "letter", "БГДЁЖИЙЛПФЦЧШЩЪЫЬЭЮЯЎҐЇЄбгдёжийлпфцчшщъыьэюяўґїєΓΔΘΛΞΠΣΦΨΩηνυμωąčęėįšųūžółäöüßUu"
)
def test_a_letter_that_could_mean_two_characters_means_none(letter: str) -> None:
    assert set(cleaned(letter)).isdisjoint(CODE_ALPHABET) or letter == "ß"


def test_every_character_of_a_code_means_itself() -> None:
    assert cleaned(CODE_ALPHABET) == CODE_ALPHABET
    assert cleaned(CODE_ALPHABET.lower()) == CODE_ALPHABET


def test_a_code_of_another_request_is_refused() -> None:
    pending = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)
    other = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)

    assert not is_code_for(token_keys(), pending, code_for(token_keys(), other))
    assert not is_code_for(token_keys(), pending, "")
    assert not is_code_for(token_keys(), pending, "ё" * 8)


def test_a_code_survives_a_change_of_keys() -> None:
    pending = issue(token_keys(current=1), Purpose.PENDING, CLAIMS, NOW)

    assert is_code_for(token_keys(current=2), pending, code_for(token_keys(current=1), pending))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
NAMES = st.text(max_size=12).filter(lambda name: name != "at")


@given(
    st.dictionaries(NAMES, JSON_VALUES, max_size=6),
    st.sampled_from(Purpose),
    st.timedeltas(timedelta(days=-3000), timedelta(days=30_000)).map(lambda step: NOW + step),
)
def test_any_claims_purpose_and_moment_come_back(
    claims: dict[str, object], purpose: Purpose, now: datetime
) -> None:
    opened = read(token_keys(), purpose, issue(token_keys(), purpose, claims, now), now=now)

    assert opened.values == claims
    assert abs(opened.issued_at - now) < timedelta(milliseconds=1)


@given(st.data(), st.sampled_from(Purpose))
def test_a_token_with_any_bit_flipped_is_broken(data: st.DataObject, purpose: Purpose) -> None:
    raw = bytearray(urlsafe_b64decode(_padded(issue(token_keys(), purpose, CLAIMS, NOW))))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8

    with pytest.raises(BrokenToken):
        read(token_keys(), purpose, urlsafe_b64encode(raw).rstrip(b"=").decode(), now=NOW)


@given(st.integers(0, 255), st.sampled_from(Purpose))
def test_a_token_that_names_any_other_key_is_broken(key_id: int, purpose: Purpose) -> None:
    raw = urlsafe_b64decode(_padded(issue(token_keys(current=1), purpose, CLAIMS, NOW)))
    other = urlsafe_b64encode(bytes([key_id]) + raw[1:]).rstrip(b"=").decode()

    if key_id == 1:
        assert read(token_keys(), purpose, other, now=NOW).values == CLAIMS
    else:
        with pytest.raises(BrokenToken):
            read(token_keys(), purpose, other, now=NOW)


def _padded(token: str) -> str:
    return token + "=" * (-len(token) % 4)
