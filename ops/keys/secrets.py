"""The service's secrets: made once, stored in SSM Parameter Store, never shown."""

import base64
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.store.secrets import INDEX_KEY, MAILER_PRIVATE_KEY, MAILER_PUBLIC_KEY, TOKEN_KEYS
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

ORIGIN_SECRET: Final = "origin-secret"  # noqa: S105 - a name, not a secret
"""The header by which the API knows CloudFront. No function reads it: they know its digest."""
SECRET_NAMES: Final = (
    TOKEN_KEYS,
    INDEX_KEY,
    MAILER_PRIVATE_KEY,
    MAILER_PUBLIC_KEY,
    ORIGIN_SECRET,
)
"""The public key comes after the private one, from which it is made."""
KEY_BYTES: Final = 32
"""Of every key."""


def new_secrets() -> Mapping[str, str]:
    """A new value for every secret, by its name below the service's path."""
    private_key = X25519PrivateKey.generate()
    return {
        TOKEN_KEYS: json.dumps({"current": 1, "keys": {"1": _text(os.urandom(KEY_BYTES))}}),
        INDEX_KEY: _text(os.urandom(KEY_BYTES)),
        MAILER_PRIVATE_KEY: _text(private_key.private_bytes_raw()),
        MAILER_PUBLIC_KEY: _text(private_key.public_key().public_bytes_raw()),
        ORIGIN_SECRET: secrets.token_urlsafe(KEY_BYTES),
    }


def store_missing(ssm: "SSMClient", path: str) -> Sequence[str]:
    """Store the secrets that are missing under `path`; return their names.

    Never replaces a secret: it may be all that opens what has been stored. Safe to repeat, and safe
    when two people do it at once. Raises CannotContinue when the mailer's private key is lost while
    its public key is there.
    """
    present = _stored_names(ssm, path)
    if MAILER_PUBLIC_KEY in present and MAILER_PRIVATE_KEY not in present:
        raise CannotContinue(
            f"{path}/{MAILER_PRIVATE_KEY} is missing, but its public key is there. Restore it from "
            "the backup: a new one cannot open the subscribers' addresses."
        )
    values = dict(new_secrets())
    added = []
    for name in SECRET_NAMES:
        if name in present:
            continue
        if name == MAILER_PUBLIC_KEY:
            values[name] = _public_key(ssm, path)
        if _add(ssm, f"{path}/{name}", values[name]):
            added.append(name)
    return added


def _stored_names(ssm: "SSMClient", path: str) -> frozenset[str]:
    """The names of the secrets that are stored; their values are not decrypted."""
    response = ssm.get_parameters(
        Names=[f"{path}/{name}" for name in SECRET_NAMES], WithDecryption=False
    )
    return frozenset(item["Name"].rpartition("/")[2] for item in response["Parameters"])


def _public_key(ssm: "SSMClient", path: str) -> str:
    """The mailer's public key, from the stored private key: another process may have stored it."""
    stored = ssm.get_parameter(Name=f"{path}/{MAILER_PRIVATE_KEY}", WithDecryption=True)
    raw = base64.b64decode(stored["Parameter"]["Value"])
    return _text(X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())


def _add(ssm: "SSMClient", name: str, value: str) -> bool:
    """Store a parameter; False if there is one of that name by now."""
    try:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
