"""Tokens: only the right one, for its purpose and within its lifetime, is accepted."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.tokens import (
    MAX_TOKEN_CHARACTERS,
    Purpose,
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


@pytest.mark.parametrize(("ours", "other"), [("-", "+"), ("_", "/"), ("", "=")])
def test_a_token_has_one_spelling_only(ours: str, other: str) -> None:
    claims = {"s": ""}
    token = ""
    # Repeated until the character is in it; the length lacks one character of padding.
    while not (ours in token and len(token) % 4 == 3):
        token = issue(token_keys(), Purpose.MANAGE, claims, NOW)
    spelt = token.replace(ours, other) if ours else token + other

    assert read(token_keys(), Purpose.MANAGE, token, now=NOW).values == claims
    with pytest.raises(BrokenToken):
        read(token_keys(), Purpose.MANAGE, spelt, now=NOW)


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


@pytest.mark.parametrize("typed_as", ["{}", " {} ", "{0:.4} {1}", "{0:.4}-{1}", "lower"])
def test_a_code_is_accepted_however_it_is_typed(typed_as: str) -> None:
    pending = issue(token_keys(), Purpose.PENDING, CLAIMS, NOW)
    code = code_for(token_keys(), pending)
    typed = code.lower() if typed_as == "lower" else typed_as.format(code, code[4:])

    assert is_code_for(token_keys(), pending, typed)


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
