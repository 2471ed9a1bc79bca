"""Seals in a browser: it opens those of Python, and Python those of the browser."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Error, Page

from chalicelib.crypto.sealing import ENCAPSULATED_BYTES, KEY_ID_BYTES, SIGNATURE, info, seal
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed, unseal
from tests.browser import offline
from tests.crypto import hpke_vectors

KEY: Final = PrivateKey(bytes(range(32)))
OTHER_KEY: Final = PrivateKey(b"\x07" * 32)
CONTEXT: Final = info(SIGNATURE, "belarus-mothers", "0123456789abcdef" * 2)
HEAD_BYTES: Final = 1 + KEY_ID_BYTES
CONTENTS: Final = {
    "record": {"name": "Алеся Ёўга", "email": "a@example.org", "country": "", "language": "be"},
    "quotes": {"name": 'O\'Neill "the\\lawyer"</script>\u2028\n', "email": None},
    "four bytes a letter": "𐍈😀 𠀋",
    "empty text": "",
    "empty record": {},
    "spaces": "   ",
    "full length": "x" * (SIGNATURE.bytes - 2),
    "full length in Cyrillic": "Ж" * (SIGNATURE.bytes // 2 - 1),
    "values": [0, -1, 1.5, True, None],
}
PLACES: Final = {
    "suite": (0, 1, "unknown suite"),
    "key id": (HEAD_BYTES - 1, 1, "another key"),
    "ML-KEM half": (HEAD_BYTES, 1, "OperationError"),
    # X25519 itself ignores this bit.
    "X25519 half": (HEAD_BYTES + ENCAPSULATED_BYTES - 1, 0x80, "OperationError"),
    "ciphertext": (HEAD_BYTES + ENCAPSULATED_BYTES, 1, "OperationError"),
    "tag": (SIGNATURE.sealed_bytes - 1, 1, "OperationError"),
}
"""Part: the place of one byte, the bit that is flipped, and the error."""

_UNSEAL: Final = """async ([seed, sealed, info]) =>
  unseal(await privateKey(fromHex(seed)), fromHex(sealed), info)"""
_SEAL: Final = """async ([value, size, publicKey, info]) =>
  toHex(await seal(value, size, fromHex(publicKey), info))"""
_PUBLIC_KEY: Final = """async (seed) => {
  const {publicKey, id} = await privateKey(fromHex(seed));
  return [toHex(publicKey), toHex(id)];
}"""
_KEY_SCHEDULE: Final = """async (given) => {
  const [seed, encapsulated, info, suite] = given.map((each) => fromHex(each));
  const secret = await (await kem()).decapsulate(await privateKey(seed), encapsulated);
  const {key, nonce} = await keySchedule(secret, info, suite);
  return [toHex(secret), toHex(key), toHex(nonce)];
}"""


@pytest.fixture(scope="module", params=["browser", "library"])
def page(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page from disk, with the KEM of the browser or of the library."""
    path = offline.written(tmp_path_factory.mktemp("page"), request.param)
    with offline.opened(browser, path) as opened:
        assert opened.evaluate("kem().then((chosen) => chosen === browserKem)") is (
            request.param == "browser"
        )
        yield opened


def unseal_in(page: Page, sealed: bytes, *, key: PrivateKey = KEY, context: bytes = CONTEXT) -> Any:
    return page.evaluate(_UNSEAL, [key.seed.hex(), sealed.hex(), context.decode()])


def seal_in(page: Page, value: Any, *, size: int = SIGNATURE.bytes) -> bytes:
    arguments = [value, size, KEY.public_bytes.hex(), CONTEXT.decode()]
    return bytes.fromhex(page.evaluate(_SEAL, arguments))


@pytest.mark.parametrize("value", CONTENTS.values(), ids=CONTENTS)
def test_a_browser_opens_a_seal_of_python(page: Page, value: Any) -> None:
    assert unseal_in(page, seal(value, SIGNATURE, KEY.public_bytes, CONTEXT)) == value


@pytest.mark.parametrize("value", CONTENTS.values(), ids=CONTENTS)
def test_python_opens_a_seal_of_a_browser(page: Page, value: Any) -> None:
    sealed = seal_in(page, value)

    assert len(sealed) == SIGNATURE.sealed_bytes
    assert unseal(sealed, [OTHER_KEY, KEY], CONTEXT) == value


def test_a_browser_opens_its_own_seal_and_no_two_are_equal(page: Page) -> None:
    one, other = seal_in(page, "Ганна"), seal_in(page, "Ганна")

    assert one != other
    assert unseal_in(page, one) == unseal_in(page, other) == "Ганна"


@pytest.mark.parametrize(("place", "bit", "error"), PLACES.values(), ids=PLACES)
def test_a_flipped_bit_closes_a_seal(page: Page, place: int, bit: int, error: str) -> None:
    by_python = bytearray(seal("Ганна", SIGNATURE, KEY.public_bytes, CONTEXT))
    by_browser = bytearray(seal_in(page, "Ганна"))
    by_python[place] ^= bit
    by_browser[place] ^= bit

    with pytest.raises(Error, match=error):
        unseal_in(page, bytes(by_python))
    with pytest.raises(UnsealFailed):
        unseal(bytes(by_browser), [KEY], CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        info(SIGNATURE, "other", "0123456789abcdef" * 2),
        info(SIGNATURE, "belarus-mothers", "f" * 32),
        info(SIGNATURE),
        b"",
    ],
)
def test_a_seal_does_not_open_in_another_place(page: Page, other: bytes) -> None:
    with pytest.raises(Error, match="OperationError"):
        unseal_in(page, seal("x", SIGNATURE, KEY.public_bytes, CONTEXT), context=other)
    with pytest.raises(UnsealFailed):
        unseal(seal_in(page, "x"), [KEY], other)


def test_another_seed_does_not_open_a_seal(page: Page) -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)
    renamed = sealed[:1] + OTHER_KEY.id + sealed[HEAD_BYTES:]

    with pytest.raises(Error, match="another key"):
        unseal_in(page, sealed, key=OTHER_KEY)
    with pytest.raises(Error, match="OperationError"):
        unseal_in(page, renamed, key=OTHER_KEY)


@pytest.mark.parametrize("length", [0, 1, HEAD_BYTES, 1000, HEAD_BYTES + ENCAPSULATED_BYTES, 1700])
def test_a_cut_seal_does_not_open(page: Page, length: int) -> None:
    sealed = seal("x", SIGNATURE, KEY.public_bytes, CONTEXT)

    with pytest.raises(Error, match=r"Error: sealed|Error: the seal is cut off|OperationError"):
        unseal_in(page, sealed[:length])


def test_a_browser_seals_nothing_that_is_too_long(page: Page) -> None:
    with pytest.raises(Error, match=f"RangeError: at most {SIGNATURE.bytes} bytes"):
        seal_in(page, "x" * (SIGNATURE.bytes - 1))


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_a_seed_has_one_public_key(page: Page, key: PrivateKey) -> None:
    assert page.evaluate(_PUBLIC_KEY, key.seed.hex()) == [key.public_bytes.hex(), key.id.hex()]


@pytest.mark.parametrize("seed_bytes", [0, 31, 33, 64, 96])
def test_a_seed_of_another_length_is_refused(page: Page, seed_bytes: int) -> None:
    with pytest.raises(Error, match=r"DataError|a seed has"):
        page.evaluate(_PUBLIC_KEY, "00" * seed_bytes)


def test_a_browser_computes_the_working_groups_vector(page: Page) -> None:
    vector = hpke_vectors.with_hkdf_sha256()
    public_key, _ = page.evaluate(_PUBLIC_KEY, vector["skRm"])
    given = [vector[name] for name in ("skRm", "enc", "info", "suite_id")]

    assert public_key == vector["pkRm"]
    assert page.evaluate(_KEY_SCHEDULE, given) == [
        vector[name] for name in ("shared_secret", "key", "base_nonce")
    ]
