"""Keys and suite, held against the vectors of the HPKE working group (see hpke_vectors)."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chalicelib.crypto.unsealing import PrivateKey
from tests.crypto import hpke_vectors
from tests.crypto.hpke_vectors import Vector

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def decrypt(vector: Vector, info: bytes) -> bytes:
    """Decrypt the first message of a vector; the vectors have additional data, our seals none."""
    first = vector["encryptions"][0]
    key = PrivateKey(bytes.fromhex(vector["skRm"])).for_hpke
    message = bytes.fromhex(vector["enc"] + first["ct"])
    return openssl.hpke._decrypt_with_aad(SUITE, message, key, info, bytes.fromhex(first["aad"]))


def test_a_seed_expands_to_the_public_key_of_the_vector() -> None:
    vectors = hpke_vectors.of_every_kdf()
    keys = [PrivateKey(bytes.fromhex(vector["skRm"])) for vector in vectors]

    assert len(vectors) == 2
    assert [key.public_bytes.hex() for key in keys] == [vector["pkRm"] for vector in vectors]


def test_the_key_decrypts_the_message_of_the_vector() -> None:
    vector = hpke_vectors.with_hkdf_sha256()

    assert decrypt(vector, bytes.fromhex(vector["info"])).hex() == vector["encryptions"][0]["pt"]


def test_the_message_of_the_vector_is_bound_to_its_info() -> None:
    vector = hpke_vectors.with_hkdf_sha256()

    with pytest.raises(InvalidTag):
        decrypt(vector, b"")
