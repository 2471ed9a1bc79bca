"""Keyrings: the keys of one use, by id, each used from a moment on.

The newest key whose moment has come makes what is new; every key on the ring opens what is old. A
rotation adds a key that is used from half an hour later on, when every process has read it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MAX_ID: Final = 255
"""Ids are one byte in a token, and two hexadecimal digits in a blind index."""
MIN_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True)
class RingKey:
    """A key: its id (1 to 255), its bytes, and the moment (aware UTC) from which it is used."""

    id: int
    raw: bytes
    used_from: datetime

    def __post_init__(self) -> None:
        if len(self.raw) < MIN_BYTES:
            raise ValueError(f"a key has at least {MIN_BYTES} bytes")
        if self.used_from.tzinfo is None:
            raise ValueError("the moment of a key has a time zone")

    def __repr__(self) -> str:
        return f"RingKey(id={self.id}, …)"


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """At least one key, in the order of their ids."""

    keys: tuple[RingKey, ...]

    def __post_init__(self) -> None:
        ids = [key.id for key in self.keys]
        if not ids or ids != sorted(set(ids)) or not 0 < ids[0] <= ids[-1] <= MAX_ID:
            raise ValueError("a keyring has keys with different ids from 1 to 255, in order")

    def current(self, now: datetime) -> RingKey:
        """The key that makes what is new at `now`: the newest whose moment has come."""
        used = [key for key in self.keys if key.used_from <= now]
        return used[-1] if used else self.keys[0]

    def __getitem__(self, key_id: int) -> bytes:
        """The bytes of the key with this id. Raises KeyError."""
        for key in self.keys:
            if key.id == key_id:
                return key.raw
        raise KeyError(key_id)
