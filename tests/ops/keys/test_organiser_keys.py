"""A key file opens with its passphrase and with nothing else."""

import base64
import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from ops.keys import organiser_keys
from ops.keys.organiser_keys import NotAKeyFile, WrongPassphrase
from tests.ops.conftest import PASSPHRASE, KeyFile


def changed(key_file: KeyFile, **changes: object) -> str:
    """The file's text with other values."""
    return json.dumps({**json.loads(key_file.text), **changes})


def test_the_file_shows_the_public_key_and_hides_the_private_one(key_file: KeyFile) -> None:
    raw = key_file.private_key.private_bytes_raw()

    assert organiser_keys.public_key(key_file.text) == key_file.public_key
    assert base64.b64encode(raw).decode() not in key_file.text
    assert PASSPHRASE not in key_file.text


def test_the_file_is_what_a_browser_can_open(key_file: KeyFile) -> None:
    values = json.loads(key_file.text)

    assert values["format"] == "zaklik-key/1"
    assert values["kdf"]["name"] == "PBKDF2-HMAC-SHA256"
    assert values["kdf"]["iterations"] == 1_000_000
    assert values["cipher"]["name"] == "AES-256-GCM"
    key = PBKDF2HMAC(SHA256(), 32, base64.b64decode(values["kdf"]["salt"]), 1_000_000).derive(
        PASSPHRASE.encode()
    )
    opened = AESGCM(key).decrypt(
        base64.b64decode(values["cipher"]["nonce"]),
        base64.b64decode(values["private_key"]),
        base64.b64decode(values["public_key"]),
    )
    assert opened == key_file.private_key.private_bytes_raw()


def test_another_passphrase_does_not_open_it(key_file: KeyFile) -> None:
    with pytest.raises(WrongPassphrase):
        organiser_keys.open_key(key_file.text, PASSPHRASE + " ")


def test_a_public_key_that_was_put_in_its_place_is_noticed(key_file: KeyFile) -> None:
    foreign = changed(key_file, public_key=base64.b64encode(bytes(32)).decode())

    with pytest.raises(WrongPassphrase):
        organiser_keys.open_key(foreign, PASSPHRASE)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '"zaklik-key/1"', "{}", '{"format": "zaklik-key/2"}', "\x00"],
)
def test_other_texts_are_no_key_files(text: str) -> None:
    with pytest.raises(NotAKeyFile):
        organiser_keys.public_key(text)
    with pytest.raises(NotAKeyFile):
        organiser_keys.open_key(text, PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"public_key": "AAAA"},
        {"public_key": "not base64"},
        {"public_key": None},
        {"private_key": 7},
        {"kdf": None},
        {"kdf": {"name": "scrypt", "iterations": 1, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 10**12, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 0, "salt": "AAAA"}},
        {"kdf": {"name": "PBKDF2-HMAC-SHA256", "iterations": 1, "salt": "AAAA"}},
        {"cipher": {"name": "AES-256-GCM", "nonce": ""}},
        {"cipher": {"name": "ROT13", "nonce": "AAAAAAAAAAAAAAAA"}},
    ],
)
def test_a_damaged_file_says_so(key_file: KeyFile, changes: dict[str, object]) -> None:
    with pytest.raises(NotAKeyFile, match="damaged"):
        organiser_keys.open_key(changed(key_file, **changes), PASSPHRASE)


def test_a_key_file_is_private_and_is_never_replaced(tmp_path: Path, key_file: KeyFile) -> None:
    path = key_file.write(tmp_path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert organiser_keys.read_key_file(path) == key_file.text
    with pytest.raises(FileExistsError):
        organiser_keys.write_key(path, "other")
    assert path.read_text("utf-8") == key_file.text


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff")

    with pytest.raises(NotAKeyFile, match=r"holiday\.jpg"):
        organiser_keys.read_key_file(path)
