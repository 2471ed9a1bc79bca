"""Tokens: sealed claims in links, each valid for one purpose.

A token is AES-256-GCM under a key derived for its purpose. Its text is base64url without padding
of key id, nonce and ciphertext. It ends in a letter or a digit: mail programs take a mark at the
end of a link for the end of a sentence.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from chalicelib.crypto.keyring import Keyring
from chalicelib.domain import typed_text
from chalicelib.domain.errors import BrokenToken, ExpiredToken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_ISSUED_AT: Final = "at"
MAX_TOKEN_CHARACTERS: Final = 4096
_APPENDED: Final = re.compile(r"[&?#].*", re.DOTALL)
"""What programs that count clicks add to a link."""
_FOREIGN: Final = re.compile("[^0-9A-Za-z_-]+")
"""What no token has: line breaks, spaces, and marks of the sentence around a link."""
CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Crockford's base 32 in another order: no I, L, O or U, which people misread."""
_CAPITALS: Final = "OILАВЕЗІӀЈКМНОРСТУХЅ"
_MEANT: Final = "011ABE311JKMH0PCTYXS"
"""Latin and Cyrillic letters, and the characters of `CODE_ALPHABET` that people mean by them."""
_GREEK: Final = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεζικορτχ"
_MEANT_IN_GREEK: Final = "ABEZH1KMN0PTYXABEZ1K0PTX"
"""The same for Greek, but for small letters that resemble another letter than their capital."""
_LOOK_ALIKES: Final = str.maketrans(
    _CAPITALS + _CAPITALS.lower() + _GREEK, _MEANT + _MEANT + _MEANT_IN_GREEK
)
_MARKS: Final = re.compile(r"[\W_]+")
"""Spaces, dashes, quotes and full stops: no code has any."""
CODE_CHARACTERS: Final = 8


class Purpose(StrEnum):
    """The only thing that a token may be used for."""

    CONFIRM_SIGNATURE = "confirm-signature"
    CONFIRM_ALERTS = "confirm-alerts"
    PENDING = "pending"
    MANAGE = "manage"
    BLOCK = "block"
    UNSUBSCRIBE = "unsubscribe"
    TEST_ADDRESS = "test-address"


def derive(raw: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose (HMAC-SHA-256 as a key derivation)."""
    return hmac.digest(raw, f"zaklik/token/1/{purpose}".encode(), hashlib.sha256)


def issue(keys: Keyring, purpose: Purpose, claims: Mapping[str, Any], now: datetime) -> str:
    """A token with `claims` (JSON values), issued at `now`."""
    while not (token := _issue(keys, purpose, claims, now))[-1].isalnum():
        pass
    return token


def _issue(keys: Keyring, purpose: Purpose, claims: Mapping[str, Any], now: datetime) -> str:
    plain = json.dumps(
        {**claims, _ISSUED_AT: _milliseconds(now)}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    nonce = os.urandom(_NONCE_BYTES)
    key = keys.current(now)
    header = bytes([key.id])
    cipher = _cipher(derive(key.raw, purpose))
    sealed = cipher.encrypt(nonce, plain, header)
    return base64.urlsafe_b64encode(header + nonce + sealed).rstrip(b"=").decode()


@dataclass(frozen=True, kw_only=True)
class Claims:
    """The claims of a token, and when it was issued (aware UTC, to the millisecond)."""

    values: Mapping[str, Any]
    issued_at: datetime


def read(
    keys: Keyring,
    purpose: Purpose,
    token: str,
    *,
    now: datetime,
    lifetime: timedelta | None = None,
) -> Claims:
    """Open a token. Raises BrokenToken, or ExpiredToken past `lifetime` (None: never)."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see _cipher

    try:
        raw = _raw(token)
        header, nonce, sealed = raw[:1], raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
        cipher = _cipher(derive(keys[header[0]], purpose))
        values: dict[str, Any] = json.loads(cipher.decrypt(nonce, sealed, header))
    except (binascii.Error, InvalidTag, IndexError, KeyError, ValueError) as error:
        raise BrokenToken from error
    issued_at = datetime.fromtimestamp(values.pop(_ISSUED_AT) / 1000, UTC)
    if lifetime is not None and now - issued_at > lifetime:
        raise ExpiredToken
    return Claims(values=values, issued_at=issued_at)


def _raw(token: str) -> bytes:
    """What a token is the text of, also after a mail program has mangled the text.

    Raises BrokenToken, binascii.Error.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise BrokenToken
    text = _FOREIGN.sub("", _APPENDED.sub("", unquote(token))).rstrip("_-")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def code_for(keys: Keyring, pending: str) -> str:
    """The 8-character code of a pending token: 40 bits.

    `pending` is a token from `issue`, or one that `read` has accepted.
    """
    raw = _raw(pending)
    digest = hmac.digest(derive(keys[raw[0]], "code"), raw, hashlib.sha256)
    number = int.from_bytes(digest[:5])
    return "".join(CODE_ALPHABET[(number >> (5 * place)) & 31] for place in range(CODE_CHARACTERS))


def is_code_for(keys: Keyring, pending: str, typed: str) -> bool:
    """Whether `typed` is the code. Ignores case, marks and look-alikes."""
    code = code_for(keys, pending)
    return hmac.compare_digest(cleaned(typed).encode("utf-8", "replace"), code.encode())


def cleaned(typed: str) -> str:
    """Characters of `CODE_ALPHABET` as they were meant: without marks and look-alikes.

    Of "Code: ABCD 2345", the words before the colon are left out.
    """
    text = typed_text.folded_width(typed_text.without_invisible(typed))
    last = _bare(text.rpartition(":")[2])
    return last if len(last) == CODE_CHARACTERS else _bare(text)


def _bare(text: str) -> str:
    return _MARKS.sub("", text.translate(_LOOK_ALIKES)).upper()


def _cipher(key: bytes) -> "AESGCM":
    # Imported here: functions that open no token start without it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
