"""Organisers' key files: the private key that opens signatures, locked with a passphrase.

The format is one that a browser opens with WebCrypto alone: PBKDF2 for the passphrase, AES-GCM
around the 32-byte seed of the key, the public key as additional authenticated data.
"""

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from chalicelib.crypto.sealing import PUBLIC_KEY_BYTES
from chalicelib.crypto.unsealing import PrivateKey
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

FORMAT: Final = "zaklik-key/1"
KDF: Final = "PBKDF2-HMAC-SHA256"
CIPHER: Final = "AES-256-GCM"
ITERATIONS: Final = 1_000_000
"""Above OWASP's 600,000 for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet); under a second."""
MAX_ITERATIONS: Final = 20_000_000
"""A file that asks for more is not one of ours: it would only make the reader wait."""
KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12


class NotAKeyFile(CannotContinue):
    """The text is not a key file, or is damaged."""


class WrongPassphrase(CannotContinue):
    """The passphrase does not open the key file."""


def new_key(passphrase: str) -> str:
    """Make a key and return the text of its file (JSON), locked with `passphrase`."""
    private_key = PrivateKey.generate()
    public = private_key.public_bytes
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    lock = AESGCM(_derive(passphrase, salt, ITERATIONS))
    values = {
        "format": FORMAT,
        "public_key": _text(public),
        "kdf": {"name": KDF, "iterations": ITERATIONS, "salt": _text(salt)},
        "cipher": {"name": CIPHER, "nonce": _text(nonce)},
        "private_key": _text(lock.encrypt(nonce, private_key.seed, public)),
    }
    return json.dumps(values, indent=2) + "\n"


def public_key(text: str) -> bytes:
    """The raw bytes of the public key in a key file's text. Raises NotAKeyFile."""
    return _bytes(_values(text), "public_key", PUBLIC_KEY_BYTES)


def open_key(text: str, passphrase: str) -> PrivateKey:
    """Unlock a key file's text. Raises NotAKeyFile, WrongPassphrase.

    A changed public key shows as a wrong passphrase: it is authenticated together with the key.
    """
    values = _values(text)
    public = _bytes(values, "public_key", PUBLIC_KEY_BYTES)
    try:
        kdf, cipher = values["kdf"], values["cipher"]
        known = (kdf["name"], cipher["name"]) == (KDF, CIPHER)
        iterations = int(kdf["iterations"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged() from error
    if not (known and 1 <= iterations <= MAX_ITERATIONS):
        raise _damaged()
    key = _derive(passphrase, _bytes(kdf, "salt", _SALT_BYTES), iterations)
    nonce = _bytes(cipher, "nonce", _NONCE_BYTES)
    try:
        raw = AESGCM(key).decrypt(nonce, _bytes(values, "private_key"), public)
        return PrivateKey(raw)
    except (InvalidTag, ValueError) as error:
        raise WrongPassphrase(
            "The passphrase does not open this key. Check capitals and the keyboard's language."
        ) from error


def write_key(path: Path, text: str) -> None:
    """Write a key file that only its owner can read (mode 0600). Never replaces a file.

    Raises FileExistsError and other OSErrors.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> str:
    """The text of a key file, for `public_key` and `open_key`. Raises NotAKeyFile, OSError."""
    try:
        text = path.read_text("utf-8")
        _values(text)
    except (UnicodeDecodeError, NotAKeyFile) as error:
        raise NotAKeyFile(
            f"{path} is not a key file. Name one that `{command('keys new')}` has written."
        ) from error
    return text


def _derive(passphrase: str, salt: bytes, iterations: int) -> bytes:
    kdf = PBKDF2HMAC(algorithm=SHA256(), length=KEY_BYTES, salt=salt, iterations=iterations)
    return kdf.derive(passphrase.encode())


def _values(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise NotAKeyFile("This is not a key file of Zaklik.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise NotAKeyFile("This is not a key file of Zaklik.")
    return values


def _bytes(values: dict[str, Any], name: str, length: int | None = None) -> bytes:
    try:
        raw = base64.b64decode(values[name], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise _damaged() from error
    if length is not None and len(raw) != length:
        raise _damaged()
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _damaged() -> NotAKeyFile:
    return NotAKeyFile("This key file is damaged. Take another copy of it.")
