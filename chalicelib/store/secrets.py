"""Secrets, read from SSM Parameter Store."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import ClientError

from chalicelib.crypto.tokens import TokenKeys
from chalicelib.domain.errors import Misconfigured
from chalicelib.store.dynamodb.errors import translated

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from mypy_boto3_ssm import SSMClient


TOKEN_KEYS: Final = "token-keys"  # noqa: S105 - a name, not a secret
INDEX_KEY: Final = "index-key"
MAILER_PUBLIC_KEY: Final = "mailer-public-key"
MAILER_PRIVATE_KEY: Final = "mailer-private-key"
KEY_BYTES: Final = 32
Decoded = TypeVar("Decoded")


class MissingSecret(Misconfigured):
    """A secret is missing, invalid, or not allowed to be read. The message names it."""


@dataclass(kw_only=True)
class Secrets:
    """The secrets, read from Parameter Store when first used, then held by the process.

    IAM refuses a call that names a secret outside the role's policy. So each function has the list
    of the names that it may read (`together`), and reads all of them in one call.
    """

    ssm: Callable[[], "SSMClient"]
    path: str
    together: Sequence[str] = ()
    """Names of secrets that are read in one call. Each other secret is read alone."""
    _unused: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    """The texts of secrets that were read and not used yet, by name."""

    @cached_property
    def token_keys(self) -> TokenKeys:
        """The keys of tokens, stored as `{"current": 1, "keys": {"1": base64}}`."""
        return self._read(TOKEN_KEYS, _token_keys)

    @cached_property
    def index_key(self) -> bytes:
        """The key of blind indexes."""
        return self._read(INDEX_KEY, _key)

    @cached_property
    def mailer_public_key(self) -> bytes:
        """The key to which addresses and mails are sealed."""
        return self._read(MAILER_PUBLIC_KEY, _key)

    @cached_property
    def mailer_private_key(self) -> "X25519PrivateKey":
        """The key that opens addresses and mails. Only the mailer's role may read it."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
            X25519PrivateKey,
        )

        return X25519PrivateKey.from_private_bytes(self._read(MAILER_PRIVATE_KEY, _key))

    def _read(self, name: str, decode: Callable[[str], Decoded]) -> Decoded:
        """Read one secret. Raises MissingSecret, or Unavailable if a later attempt may succeed."""
        text = self._unused.pop(name, None)
        if text is None:
            texts = self._request(self.together if name in self.together else [name])
            text = texts.pop(name, None)
            self._unused |= texts
        if text is None:
            raise MissingSecret(f"the secret {self.path}/{name} is not in Parameter Store")
        try:
            return decode(text)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained: the cause could show the secret.
            raise MissingSecret(f"the secret {self.path}/{name} is invalid") from None

    def _request(self, names: Sequence[str]) -> dict[str, str]:
        """The texts of existing secrets by name, in one call. Raises the errors of `_read`."""
        parameters = [f"{self.path}/{name}" for name in names]
        ssm = self.ssm()
        try:
            with translated():
                answer = ssm.get_parameters(Names=parameters, WithDecryption=True)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "AccessDeniedException":
                raise
            # AWS does not name the refused one.
            which = " or ".join(parameters)
            raise MissingSecret(f"this role may not read the secret {which}") from None
        return {item["Name"].rpartition("/")[2]: item["Value"] for item in answer["Parameters"]}


def _token_keys(text: str) -> TokenKeys:
    values = json.loads(text)
    keys = {int(key_id): _key(key) for key_id, key in values["keys"].items()}
    if values["current"] not in keys:
        raise ValueError("the current key is not among the keys")
    return TokenKeys(current=values["current"], keys=keys)


def _key(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return raw
