"""Sealing: only the right key in the right place opens a seal, and its length says nothing."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto import sealing
from chalicelib.crypto.sealing import MAIL, SIGNATURE, SUBSCRIBER, Kind, info, seal
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed, unseal
from chalicelib.domain.errors import Message
from chalicelib.domain.mailboxes.email_address import MAX_ADDRESS_CHARACTERS
from chalicelib.domain.signature import MAX_NAME_CHARACTERS, read_name

KEY = PrivateKey(b"\x07" * 32)
OTHER_KEY = PrivateKey(b"\x08" * 32)
CONTEXT = info(SIGNATURE, "open-door", "0a" * 16)
BLIND_INDEX_DIGITS = 34
HEAD_BYTES = 1 + sealing.KEY_ID_BYTES
# JSON escapes quotes and backslashes; the form refuses control characters and surrogates.
LETTERS = st.characters(exclude_categories=["C"])


def record(name: str, email: str) -> dict[str, str]:
    return {
        "name": name,
        "email": email,
        "country": "PL",
        "language": "be",
        "confirmed_at": "2026-03-08T12:00:00+00:00",
    }


@pytest.mark.parametrize("value", ["Ганна", "", {}, {"a": [1, None]}, 'a "b" \\ \u2028', " x "])
def test_the_right_key_opens_a_seal(value: Any) -> None:
    assert unseal(seal(value, SIGNATURE, KEY.public_bytes, CONTEXT), [KEY], CONTEXT) == value


@given(
    name=st.text(LETTERS, max_size=70),
    email=st.emails().filter(lambda email: len(email) <= MAX_ADDRESS_CHARACTERS),
)
def test_every_signature_has_one_length_and_comes_back(name: str, email: str) -> None:
    sealed = seal(record(name, email), SIGNATURE, KEY.public_bytes, CONTEXT)

    assert len(sealed) == SIGNATURE.sealed_bytes
    assert unseal(sealed, [KEY], CONTEXT) == record(name, email)


@given(size=st.integers(min_value=0, max_value=SUBSCRIBER.bytes - 2))
def test_every_subscriber_has_one_length(size: int) -> None:
    sealed = seal("x" * size, SUBSCRIBER, KEY.public_bytes, CONTEXT)

    assert len(sealed) == SUBSCRIBER.sealed_bytes


@pytest.mark.parametrize("kind", [SIGNATURE, SUBSCRIBER, MAIL])
@pytest.mark.parametrize("letter", ["x", "Ж"])
def test_a_value_of_full_length_is_sealed_and_a_longer_one_refused(kind: Kind, letter: str) -> None:
    quotes = 2
    full = letter * ((kind.bytes - quotes) // len(letter.encode()))

    assert len(seal(full, kind, KEY.public_bytes, CONTEXT)) == kind.sealed_bytes
    with pytest.raises(ValueError, match=f"a {kind.name} has at most {kind.bytes} bytes"):
        seal(full + letter, kind, KEY.public_bytes, CONTEXT)


@pytest.mark.parametrize("letter", ["Ж", '"', "ქ", "𠀋"])
def test_the_longest_signature_that_the_form_takes_is_sealed(letter: str) -> None:
    errors: dict[str, Message] = {}
    name = read_name("A" + letter * (MAX_NAME_CHARACTERS - 1), errors)
    if errors:
        name = "A" + letter * (int(errors["name"].values["limit"]) - 1)
        assert read_name(name, {}) == name
    longest = record(name, "a" * MAX_ADDRESS_CHARACTERS)

    seal(longest, SIGNATURE, KEY.public_bytes, CONTEXT)


def test_the_longest_record_of_a_subscriber_is_sealed() -> None:
    record = ["a" * MAX_ADDRESS_CHARACTERS, "0" * BLIND_INDEX_DIGITS]

    seal(record, SUBSCRIBER, KEY.public_bytes, CONTEXT)


def test_two_seals_of_one_value_share_only_suite_and_key() -> None:
    one, other = (seal("x", SIGNATURE, KEY.public_bytes, CONTEXT) for _ in range(2))

    assert one[:HEAD_BYTES] == other[:HEAD_BYTES] == b"\x01" + KEY.id
    assert one[HEAD_BYTES : HEAD_BYTES + 32] != other[HEAD_BYTES : HEAD_BYTES + 32]
    assert one[-32:] != other[-32:]


def test_a_seal_names_its_key_among_several() -> None:
    keys = [OTHER_KEY, KEY]

    assert unseal(seal(1, MAIL, KEY.public_bytes, CONTEXT), keys, CONTEXT) == 1
    assert unseal(seal(2, MAIL, OTHER_KEY.public_bytes, CONTEXT), keys, CONTEXT) == 2


@pytest.mark.parametrize("keys", [[], [OTHER_KEY]])
def test_without_its_key_a_seal_does_not_open(keys: list[PrivateKey]) -> None:
    with pytest.raises(UnsealFailed, match="another key"):
        unseal(seal("x", SIGNATURE, KEY.public_bytes, CONTEXT), keys, CONTEXT)


def test_a_seal_that_names_another_key_does_not_open() -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)

    with pytest.raises(UnsealFailed, match="damaged"):
        unseal(sealed[:1] + OTHER_KEY.id + sealed[HEAD_BYTES:], [KEY, OTHER_KEY], CONTEXT)


@pytest.mark.parametrize("suite", [0, 2, 255])
def test_a_seal_of_an_unknown_suite_does_not_open(suite: int) -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)

    with pytest.raises(UnsealFailed, match="unknown suite"):
        unseal(bytes([suite]) + sealed[1:], [KEY], CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        info(SIGNATURE, "other", "0a" * 16),
        info(SIGNATURE, "open-door", "0b" * 16),
        info(SUBSCRIBER, "open-door", "0a" * 16),
        info(SIGNATURE, "open-door"),
        info(SIGNATURE),
        b"",
    ],
)
def test_a_seal_does_not_open_in_another_place(other: bytes) -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)

    with pytest.raises(UnsealFailed, match="damaged"):
        unseal(sealed, [KEY], other)


@given(
    place=st.integers(min_value=0, max_value=SIGNATURE.sealed_bytes - 1),
    bit=st.integers(min_value=0, max_value=7),
)
def test_a_seal_with_one_flipped_bit_does_not_open(place: int, bit: int) -> None:
    sealed = bytearray(seal("x" * 50, SIGNATURE, KEY.public_bytes, CONTEXT))
    sealed[place] ^= 1 << bit

    with pytest.raises(UnsealFailed):
        unseal(bytes(sealed), [KEY], CONTEXT)


@pytest.mark.parametrize("length", [0, 1, 4, 5, 6, 1124, 1125, 1140, 1141, 1780])
def test_a_cut_seal_does_not_open(length: int) -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)

    with pytest.raises(UnsealFailed):
        unseal(sealed[:length], [KEY], CONTEXT)


def test_sealed_bytes_that_are_no_json_do_not_open() -> None:
    encrypted = sealing.suite().encrypt(b"\xff", KEY.for_hpke.public_key(), info=CONTEXT)

    with pytest.raises(UnsealFailed):
        unseal(sealing.SUITE + KEY.id + encrypted, [KEY], CONTEXT)


def test_a_private_key_does_not_show_its_seed() -> None:
    key = PrivateKey(b"secret seed of thirty-two bytes.")

    for text in (repr(key), str(key), f"{[key]}"):
        assert "PrivateKey(…)" in text
        assert "secret" not in text


@pytest.mark.parametrize("length", [0, 31, 33, 96])
def test_a_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PrivateKey(b"x" * length)


def test_generated_keys_differ_and_equal_seeds_are_one_key() -> None:
    assert PrivateKey.generate() != PrivateKey.generate()
    assert PrivateKey(KEY.seed) == KEY
    assert len(KEY.public_bytes) == sealing.PUBLIC_KEY_BYTES


def test_a_key_is_named_by_the_beginning_of_its_fingerprint() -> None:
    digest = hashlib.sha256(KEY.public_bytes).hexdigest()

    assert sealing.fingerprint(KEY.public_bytes) == digest[:32]
    assert KEY.id.hex() == digest[:8]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        KEY.public_bytes[:-1],
        KEY.public_bytes + b"x",
        KEY.public_bytes[-32:],
        b"\xff" * sealing.MLKEM_PUBLIC_BYTES + KEY.public_bytes[-32:],
        KEY.public_bytes[:-32] + bytes(32),
    ],
    ids=["empty", "cut", "longer", "X25519 alone", "no ML-KEM key", "X25519 of low order"],
)
def test_nothing_can_be_sealed_to_bytes_that_are_no_public_key(raw: bytes) -> None:
    assert sealing.is_public_key(KEY.public_bytes)
    assert not sealing.is_public_key(raw)
    with pytest.raises(ValueError):  # noqa: PT011 - the texts are those of `cryptography`
        seal("x", SIGNATURE, raw, CONTEXT)
