"""Challenges that passkeys sign: each for one purpose, for a few minutes.

A challenge is its key's id, the second of its issue, a random nonce and an HMAC-SHA-256 of these
and of its purpose. So none is stored before it is used; who takes one spends its nonce.
"""

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import BrokenToken, ExpiredToken

LIFETIME: Final = timedelta(minutes=10)
_NONCE_BYTES: Final = 16
_SECONDS_BYTES: Final = 5
_HEAD_BYTES: Final = 1 + _SECONDS_BYTES + _NONCE_BYTES
_MAC_BYTES: Final = 32


def issue(key: RingKey, purpose: str, now: datetime) -> bytes:
    """A challenge for a purpose, which names what it may be used for and by whom."""
    seconds = int(now.timestamp()).to_bytes(_SECONDS_BYTES)
    head = bytes([key.id]) + seconds + os.urandom(_NONCE_BYTES)
    return head + _mac(key.raw, purpose, head)


def read(keys: Keyring, purpose: str, challenge: bytes, now: datetime) -> str:
    """The nonce of a challenge in hex, to be spent. Raises BrokenToken, ExpiredToken."""
    head, mac = challenge[:_HEAD_BYTES], challenge[_HEAD_BYTES:]
    try:
        key = keys[head[0]]
    except (IndexError, KeyError) as error:
        raise BrokenToken from error
    if len(mac) != _MAC_BYTES or not hmac.compare_digest(mac, _mac(key, purpose, head)):
        raise BrokenToken
    issued_at = datetime.fromtimestamp(int.from_bytes(head[1 : 1 + _SECONDS_BYTES]), UTC)
    if now - issued_at > LIFETIME:
        raise ExpiredToken
    return head[-_NONCE_BYTES:].hex()


def _mac(key: bytes, purpose: str, head: bytes) -> bytes:
    own_key = hmac.digest(key, f"zaklik/challenge/1/{purpose}".encode(), hashlib.sha256)
    return hmac.digest(own_key, head, hashlib.sha256)
