"""Organisers' key files: a private key that is locked with a passphrase, and its public half.

The format is one that a browser opens with WebCrypto alone: PBKDF2 for the passphrase, AES-GCM
around the 32-byte seed of the key. Every other value of the file is authenticated with it: as JSON
with sorted names and without spaces.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from chalicelib.crypto import sealing
from chalicelib.crypto.base64_fields import decode, encode
from chalicelib.crypto.petition_keys import MAX_NAME_CHARACTERS, is_name
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.crypto.verification_fields import from_values, merged, to_values
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

FORMAT: Final = "zaklik-key/1"
PUBLIC_FORMAT: Final = "zaklik-public-key/1"
KDF: Final = "PBKDF2-HMAC-SHA256"
CIPHER: Final = "AES-256-GCM"
ITERATIONS: Final = 1_000_000
"""Above OWASP's 600,000 for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet); under a second."""
MAX_ITERATIONS: Final = 20_000_000
"""A file that asks for more is not one of ours: it would only make the reader wait."""
KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_LOCKED: Final = "private_key"
"""The one value that is not authenticated data: it is the ciphertext."""


class NotAKeyFile(CannotContinue):
    """The text is not a key file, or is damaged."""


class WrongPassphrase(CannotContinue):
    """The passphrase does not open the key file."""


@dataclass(frozen=True, kw_only=True)
class OrganiserPublicKey:
    """The public half of an organiser's key. `name` may be empty."""

    raw: bytes
    name: str

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits."""
        return sealing.fingerprint(self.raw)


@dataclass(frozen=True, kw_only=True)
class OrganiserKey:
    """An organiser's key file, opened.

    `trusted` has the verification keys that were pinned, by the slugs of petitions.
    """

    private: PrivateKey
    name: str
    trusted: Mapping[str, VerificationKeys]


def new_key(passphrase: str, name: str = "") -> str:
    """Make a key and return the text of its file (JSON), locked with `passphrase`."""
    return lock(OrganiserKey(private=PrivateKey.generate(), name=name, trusted={}), passphrase)


def lock(key: OrganiserKey, passphrase: str) -> str:
    """The text of the file of a key. Raises CannotContinue for a name that cannot be printed."""
    if not is_name(key.name):
        raise CannotContinue(f"A name has at most {MAX_NAME_CHARACTERS} letters, on one line.")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    values = {
        "format": FORMAT,
        "name": key.name,
        "fingerprint": sealing.fingerprint(key.private.public_bytes),
        "public_key": encode(key.private.public_bytes),
        "trusted": {slug: to_values(keys) for slug, keys in key.trusted.items()},
        "kdf": {"name": KDF, "iterations": ITERATIONS, "salt": encode(salt)},
        "cipher": {"name": CIPHER, "nonce": encode(nonce)},
    }
    cipher = AESGCM(_derive(passphrase, salt, ITERATIONS))
    sealed = cipher.encrypt(nonce, key.private.seed, _authenticated(values))
    return json.dumps({**values, _LOCKED: encode(sealed)}, ensure_ascii=False, indent=2) + "\n"


def open_key(text: str, passphrase: str) -> OrganiserKey:
    """Unlock a key file's text. Raises NotAKeyFile, WrongPassphrase.

    Any other value that was changed shows as a wrong passphrase.
    """
    values = _values(text)
    try:
        kdf, cipher = values["kdf"], values["cipher"]
        if (kdf["name"], cipher["name"]) != (KDF, CIPHER):
            raise ValueError(KDF, CIPHER)
        iterations = kdf["iterations"]
        if not (isinstance(iterations, int) and 1 <= iterations <= MAX_ITERATIONS):
            raise ValueError(iterations)
        salt, nonce = decode(kdf["salt"], _SALT_BYTES), decode(cipher["nonce"], _NONCE_BYTES)
        sealed, authenticated = decode(values[_LOCKED]), _authenticated(values)
        trusted = {slug: from_values(keys) for slug, keys in values["trusted"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged() from error
    try:
        seed = AESGCM(_derive(passphrase, salt, iterations)).decrypt(nonce, sealed, authenticated)
        private = PrivateKey(seed)
    except (InvalidTag, ValueError) as error:
        raise WrongPassphrase(
            "The passphrase does not open this key. Check capitals and the keyboard's language."
        ) from error
    return OrganiserKey(private=private, name=_public(values).name, trusted=trusted)


def public_half(text: str) -> OrganiserPublicKey:
    """The public half in the text of a key file, or of a file of a public half.

    Raises NotAKeyFile.
    """
    return _public(_values(text, FORMAT, PUBLIC_FORMAT))


def public_text(public: OrganiserPublicKey) -> str:
    """The text of a file (JSON) with the public half alone, to be sent to others."""
    values = {
        "format": PUBLIC_FORMAT,
        "name": public.name,
        "fingerprint": public.fingerprint,
        "public_key": encode(public.raw),
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def trust(
    text: str,
    passphrase: str,
    slug: str,
    *,
    attestation: Iterable[bytes],
    export: Iterable[bytes],
) -> str:
    """Pin verification keys of a petition, beside those pinned before; the file's new text.

    The text is the same if all were pinned. Raises NotAKeyFile, WrongPassphrase.
    """
    key = open_key(text, passphrase)
    pinned = key.trusted.get(slug, VerificationKeys())
    wanted = VerificationKeys(attestation=tuple(attestation), export=tuple(export))
    keys = merged(pinned, wanted)
    if keys == pinned:
        return text
    trusted = {**key.trusted, slug: keys}
    return lock(OrganiserKey(private=key.private, name=key.name, trusted=trusted), passphrase)


def read_key_file(path: Path) -> str:
    """The text of a key file, for `public_half` and `open_key`. Raises NotAKeyFile, OSError."""
    try:
        text = path.read_text("utf-8")
        public_half(text)
    except (UnicodeDecodeError, NotAKeyFile) as error:
        raise NotAKeyFile(
            f"{path} is not a key file, or is damaged. Take another copy of it, or name one that "
            f"`{command('keys new')}` has written."
        ) from error
    return text


def _public(values: Mapping[str, Any]) -> OrganiserPublicKey:
    try:
        raw = decode(values["public_key"], sealing.PUBLIC_KEY_BYTES)
        public = OrganiserPublicKey(raw=raw, name=values["name"])
        intact = values["fingerprint"] == public.fingerprint and is_name(public.name)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged() from error
    if not (intact and sealing.is_public_key(raw)):
        raise _damaged()
    return public


def _derive(passphrase: str, salt: bytes, iterations: int) -> bytes:
    kdf = PBKDF2HMAC(algorithm=SHA256(), length=KEY_BYTES, salt=salt, iterations=iterations)
    return kdf.derive(passphrase.encode())


def _authenticated(values: Mapping[str, Any]) -> bytes:
    others = {name: value for name, value in values.items() if name != _LOCKED}
    return json.dumps(others, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _values(text: str, *formats: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise NotAKeyFile("This is not a key file of Zaklik.") from error
    if not isinstance(values, dict) or values.get("format") not in (formats or (FORMAT,)):
        raise NotAKeyFile("This is not a key file of Zaklik.")
    return values


def _damaged() -> NotAKeyFile:
    return NotAKeyFile("This key file is damaged. Take another copy of it.")
