"""A key file opens with its passphrase and with nothing else."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from chalicelib.domain.petitions.petition import VerificationKeys
from ops.errors import CannotContinue
from ops.keys import organiser_keys
from ops.keys.organiser_keys import NotAKeyFile, WrongPassphrase
from tests.ops import folders
from tests.ops.conftest import PASSPHRASE, KeyFile

FIRST, SECOND, EXPORT = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32


def changed(key_file: KeyFile, **changes: object) -> str:
    """The file's text with other values."""
    return json.dumps({**json.loads(key_file.text), **changes})


def test_the_file_shows_the_public_half_and_hides_the_private_one(key_file: KeyFile) -> None:
    public = organiser_keys.public_half(key_file.text)

    assert public.raw == key_file.public_key
    assert public.name == ""
    assert base64.b64encode(key_file.private_key.seed).decode() not in key_file.text
    assert key_file.private_key.seed.hex() not in key_file.text
    assert PASSPHRASE not in key_file.text
    assert "seed" not in repr(organiser_keys.open_key(key_file.text, PASSPHRASE))


def test_the_file_is_what_a_browser_can_open(key_file: KeyFile) -> None:
    values = json.loads(key_file.text)

    assert values["format"] == "zaklik-key/1"
    assert values["kdf"]["name"] == "PBKDF2-HMAC-SHA256"
    assert values["kdf"]["iterations"] == 1_000_000
    assert values["cipher"]["name"] == "AES-256-GCM"
    key = PBKDF2HMAC(SHA256(), 32, base64.b64decode(values["kdf"]["salt"]), 1_000_000).derive(
        PASSPHRASE.encode()
    )
    locked = base64.b64decode(values.pop("private_key"))
    opened = AESGCM(key).decrypt(
        base64.b64decode(values["cipher"]["nonce"]),
        locked,
        json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(),
    )
    assert opened == key_file.private_key.seed


def test_another_passphrase_does_not_open_it(key_file: KeyFile) -> None:
    with pytest.raises(WrongPassphrase):
        organiser_keys.open_key(key_file.text, PASSPHRASE + " ")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Somebody else"},
        {"public_key": base64.b64encode(folders.ANNA.private.public_bytes).decode()},
        {"trusted": {"open-door": {"attestation": [], "export": []}}},
        {"added": "since"},
    ],
)
def test_whatever_was_changed_in_the_file_is_noticed(
    key_file: KeyFile, changes: dict[str, object]
) -> None:
    with pytest.raises(WrongPassphrase):
        organiser_keys.open_key(changed(key_file, **changes), PASSPHRASE)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '"zaklik-key/1"', "{}", '{"format": "zaklik-key/2"}', "\x00"],
)
def test_other_texts_are_no_key_files(text: str) -> None:
    with pytest.raises(NotAKeyFile):
        organiser_keys.public_half(text)
    with pytest.raises(NotAKeyFile):
        organiser_keys.open_key(text, PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"private_key": 7},
        {"kdf": None},
        {"kdf": {"name": "scrypt", "iterations": 1, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 10**12, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 0, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 1.5, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 1, "salt": "AAAA"}},
        {"cipher": {"name": "AES-256-GCM", "nonce": ""}},
        {"cipher": {"name": "ROT13", "nonce": "AAAAAAAAAAAAAAAA"}},
        {"trusted": None},
        {"trusted": {"open-door": {"attestation": ["AAAA"], "export": []}}},
        {"trusted": {"open-door": []}},
        {"name": "\ud800"},
    ],
)
def test_a_damaged_file_says_so(key_file: KeyFile, changes: dict[str, object]) -> None:
    with pytest.raises(NotAKeyFile, match="damaged"):
        organiser_keys.open_key(changed(key_file, **changes), PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"public_key": "AAAA"},
        {"public_key": "not base64"},
        {"public_key": None},
        {"public_key": base64.b64encode(folders.ANNA.private.public_bytes).decode()},
        {"public_key": base64.b64encode(bytes([255]) * 1216).decode()},
        {"fingerprint": "0" * 32},
        {"name": 7},
        {"name": "\x1b[2J"},
        {"name": "two\nlines"},
        {"name": "x" * 61},
    ],
)
def test_a_public_half_that_was_damaged_is_refused(
    key_file: KeyFile, changes: dict[str, object]
) -> None:
    public = organiser_keys.public_text(organiser_keys.public_half(key_file.text))

    for text in (key_file.text, public):
        with pytest.raises(NotAKeyFile, match="damaged"):
            organiser_keys.public_half(json.dumps({**json.loads(text), **changes}))


def test_the_public_half_travels_in_a_file_of_its_own() -> None:
    public = folders.public(folders.BORIS)

    text = organiser_keys.public_text(public)

    assert organiser_keys.public_half(text) == public
    assert public.name == "Борис"
    with pytest.raises(NotAKeyFile):
        organiser_keys.open_key(text, PASSPHRASE)


@pytest.mark.parametrize("name", ["x" * 61, "two\nlines", "\x1b[2J"])
def test_a_name_that_cannot_be_printed_makes_no_key(name: str) -> None:
    with pytest.raises(CannotContinue, match="at most 60 letters"):
        organiser_keys.new_key(PASSPHRASE, name)


def test_pinned_keys_are_kept_with_the_key_and_only_grow(key_file: KeyFile) -> None:
    once = organiser_keys.trust(
        key_file.text, PASSPHRASE, "open-door", attestation=[FIRST], export=[EXPORT]
    )
    twice = organiser_keys.trust(
        once, PASSPHRASE, "open-door", attestation=[SECOND, FIRST], export=[]
    )

    key = organiser_keys.open_key(twice, PASSPHRASE)
    assert key.trusted == {
        "open-door": VerificationKeys(attestation=(FIRST, SECOND), export=(EXPORT,))
    }
    assert key.private == key_file.private_key
    again = organiser_keys.trust(
        twice, PASSPHRASE, "open-door", attestation=[SECOND], export=[EXPORT]
    )
    assert again == twice
    with pytest.raises(WrongPassphrase):
        organiser_keys.trust(twice, "another", "open-door", attestation=[], export=[])


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff")

    with pytest.raises(NotAKeyFile, match=r"holiday\.jpg"):
        organiser_keys.read_key_file(path)
