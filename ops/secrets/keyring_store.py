"""Keyrings in Parameter Store: read, replaced, and taken out of its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.store.secrets import INVALID, read_keyring, write_keyring
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MAX_CHARACTERS: Final = 4096
"""Of a standard parameter (Parameter Store, "Standard and advanced parameter tiers")."""
HISTORY: Final = 100
"""Versions of a parameter that Parameter Store keeps (PutParameter, ParameterMaxVersionLimit)."""


@dataclass(frozen=True, kw_only=True)
class StoredKeyring:
    """A keyring, and the version of its parameter."""

    name: str
    ring: Keyring
    version: int

    @property
    def newest(self) -> RingKey:
        """The key with the highest id, which may not be used yet."""
        return self.ring.keys[-1]


@dataclass(frozen=True, kw_only=True)
class KeyringStore:
    """The keyrings of one service, below its path."""

    ssm: "SSMClient"
    path: str

    @classmethod
    def of(cls, services: Services) -> Self:
        """The keyrings of the service that commands talk to."""
        return cls(ssm=services.secrets.ssm(), path=services.settings.secrets_path)

    def read(self, name: str) -> StoredKeyring:
        """A keyring. Raises CannotContinue when it is missing or invalid."""
        try:
            text, version = self._get(name)
            return StoredKeyring(name=name, ring=read_keyring(text), version=version)
        except self.ssm.exceptions.ParameterNotFound:
            remedy = f"is missing. Restore it from your copy, or run `{command('secrets make')}`."
        except INVALID:
            # Not chained: the cause could show the secret.
            remedy = "is no keyring. Restore it from your copy."
        raise CannotContinue(f"The secret {self.path}/{name} {remedy}")

    def replace(self, stored: StoredKeyring, keys: Iterable[RingKey]) -> StoredKeyring:
        """Replace the keys of a ring that nobody has changed since it was read.

        PutParameter has no condition, but numbers what it stores. When the number shows that
        another person was first, the ring of that person is put back. Raises CannotContinue then,
        and, before anything is stored, when a parameter cannot hold the ring.
        """
        ring = Keyring(keys=tuple(keys))
        text = write_keyring(ring)
        if len(text) > MAX_CHARACTERS:
            raise CannotContinue(
                f"A parameter cannot hold {len(ring.keys)} keys of {stored.name}. Remove old ones "
                f"first: `{command('secrets prune')}`."
            )
        version = self._put(stored.name, text)
        if version > stored.version + 1:
            first, _ = self._get(f"{stored.name}:{stored.version + 1}")
            # The same text is ours: botocore has repeated a call whose answer was lost.
            if first != text:
                self._put(stored.name, first)
                raise CannotContinue(
                    f"Somebody else has changed {stored.name} at the same moment, and their change "
                    f"holds. Look at it: `{command('secrets list')}`."
                )
        return StoredKeyring(name=stored.name, ring=ring, version=version)

    def puts_to_forget(self, stored: StoredKeyring) -> int:
        """How often the ring must be stored until its history has only keys that are on it.

        Whoever may read a parameter may read its history.
        """
        keys = {key.raw for key in stored.ring.keys}
        former = [version for version, old in self._history(stored.name) if not old <= keys]
        return max(former) + HISTORY - stored.version if former else 0

    def forget(self, stored: StoredKeyring) -> None:
        """Store the ring until its history has only keys that are on it. Safe to repeat."""
        for _ in range(self.puts_to_forget(stored)):
            stored = self.replace(stored, stored.ring.keys)

    def _history(self, name: str) -> Iterable[tuple[int, set[bytes]]]:
        """Each former version, and the bytes of its keys."""
        pages = self.ssm.get_paginator("get_parameter_history").paginate(
            Name=f"{self.path}/{name}", WithDecryption=True
        )
        for page in pages:
            for entry in page["Parameters"]:
                try:
                    keys = {key.raw for key in read_keyring(entry["Value"]).keys}
                except INVALID:
                    # It may hold a key all the same.
                    keys = {entry["Value"].encode()}
                yield entry["Version"], keys

    def _get(self, name: str) -> tuple[str, int]:
        answer = self.ssm.get_parameter(Name=f"{self.path}/{name}", WithDecryption=True)
        return answer["Parameter"]["Value"], answer["Parameter"]["Version"]

    def _put(self, name: str, text: str) -> int:
        answer = self.ssm.put_parameter(
            Name=f"{self.path}/{name}", Value=text, Type="SecureString", Overwrite=True
        )
        return answer["Version"]
