"""Sealing: only the right key with the right context opens a seal."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.crypto.sealing import info, seal
from chalicelib.crypto.unsealing import UnsealFailed, unseal
from chalicelib.people.blind_indexes import blind_index
from tests.builders import ORGANISER_KEY

CONTEXT = info("signature", "open-door")
PUBLIC_KEY = ORGANISER_KEY.public_key().public_bytes_raw()


def test_the_right_key_opens_a_seal() -> None:
    sealed = seal("Ганна".encode(), PUBLIC_KEY, CONTEXT)

    assert unseal(sealed, ORGANISER_KEY, CONTEXT).decode() == "Ганна"


def test_a_seal_adds_49_bytes_and_differs_each_time() -> None:
    one, other = (seal(b"x" * 200, PUBLIC_KEY, CONTEXT) for _ in range(2))

    assert len(one) == len(other) == 249
    assert one != other


def test_another_key_does_not_open_a_seal() -> None:
    sealed = seal(b"x", PUBLIC_KEY, CONTEXT)

    with pytest.raises(UnsealFailed):
        unseal(sealed, X25519PrivateKey.generate(), CONTEXT)


@pytest.mark.parametrize("other", [info("signature", "other"), info("mail"), info("subscriber")])
def test_a_seal_does_not_open_with_another_context(other: bytes) -> None:
    sealed = seal(b"x", PUBLIC_KEY, CONTEXT)

    with pytest.raises(UnsealFailed):
        unseal(sealed, ORGANISER_KEY, other)


@pytest.mark.parametrize("place", [0, 1, 20, 40, -1])
def test_a_seal_with_one_changed_byte_does_not_open(place: int) -> None:
    sealed = bytearray(seal(b"x" * 50, PUBLIC_KEY, CONTEXT))
    sealed[place] ^= 1

    with pytest.raises(UnsealFailed):
        unseal(bytes(sealed), ORGANISER_KEY, CONTEXT)


@pytest.mark.parametrize("length", [0, 1, 30, 48])
def test_a_cut_seal_does_not_open(length: int) -> None:
    sealed = seal(b"x", PUBLIC_KEY, CONTEXT)

    with pytest.raises(UnsealFailed):
        unseal(sealed[:length], ORGANISER_KEY, CONTEXT)


def test_a_blind_index_is_the_same_for_the_same_address_only() -> None:
    key = b"\x05" * 32

    one = blind_index(key, "signature", "open-door", "hanna@example.org")

    assert one == blind_index(key, "signature", "open-door", "hanna@example.org")
    assert len(one) == 32
    assert one != blind_index(key, "signature", "open-door", "other@example.org")


def test_blind_indexes_differ_by_kind_petition_and_key() -> None:
    key, address = b"\x05" * 32, "hanna@example.org"

    indexes = {
        blind_index(key, "signature", "open-door", address),
        blind_index(key, "signature", "other", address),
        blind_index(key, "subscriber", "open-door", address),
        blind_index(b"\x06" * 32, "signature", "open-door", address),
    }

    assert len(indexes) == 4
