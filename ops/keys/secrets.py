"""The secrets of one stage: made once, kept in SSM Parameter Store, never shown."""

import base64
import json
import os
import secrets as randomness
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.store.secrets import INDEX_KEY, MAILER_PRIVATE_KEY, MAILER_PUBLIC_KEY, TOKEN_KEYS
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

ORIGIN_SECRET: Final = "origin-secret"  # noqa: S105 - a name, not a secret
"""What CloudFront shows the API. No function reads it: they know its digest."""
SECRET_NAMES: Final = (
    TOKEN_KEYS,
    INDEX_KEY,
    MAILER_PRIVATE_KEY,
    MAILER_PUBLIC_KEY,
    ORIGIN_SECRET,
)
"""The public key comes after the private one: it can be made from it, not vice versa."""
KEY_BYTES: Final = 32
"""Of every key."""


def new_secrets() -> Mapping[str, str]:
    """A fresh value for every secret, by its name below the stage's path."""
    private_key = X25519PrivateKey.generate()
    return {
        TOKEN_KEYS: json.dumps({"current": 1, "keys": {"1": _text(os.urandom(KEY_BYTES))}}),
        INDEX_KEY: _text(os.urandom(KEY_BYTES)),
        MAILER_PRIVATE_KEY: _text(private_key.private_bytes_raw()),
        MAILER_PUBLIC_KEY: _text(private_key.public_key().public_bytes_raw()),
        ORIGIN_SECRET: randomness.token_urlsafe(KEY_BYTES),
    }


def store_missing(ssm: "SSMClient", path: str) -> Sequence[str]:
    """Put the secrets that are not there yet under `path`; return their names.

    What is there is never replaced: it may be all that opens what has been stored. Safe to repeat,
    and safe when two people do it at once. Raises CannotContinue when the mailer's private key is
    lost while its public half is there.
    """
    present = _present(ssm, path)
    if MAILER_PUBLIC_KEY in present and MAILER_PRIVATE_KEY not in present:
        raise CannotContinue(
            f"{path}/{MAILER_PRIVATE_KEY} is missing, but its public half is there. Subscribers' "
            "addresses are sealed to it: restore it from the backup instead of making a new one."
        )
    fresh = dict(new_secrets())
    made = []
    for name in SECRET_NAMES:
        if name in present:
            continue
        if name == MAILER_PUBLIC_KEY:
            fresh[name] = _public_half(ssm, path)
        if _put(ssm, f"{path}/{name}", fresh[name]):
            made.append(name)
    return made


def _present(ssm: "SSMClient", path: str) -> frozenset[str]:
    """The names of the secrets that are stored; their values are not asked for."""
    answer = ssm.get_parameters(
        Names=[f"{path}/{name}" for name in SECRET_NAMES], WithDecryption=False
    )
    return frozenset(found["Name"].rpartition("/")[2] for found in answer["Parameters"])


def _public_half(ssm: "SSMClient", path: str) -> str:
    """From the private key as it is stored: somebody else may have been quicker than we."""
    stored = ssm.get_parameter(Name=f"{path}/{MAILER_PRIVATE_KEY}", WithDecryption=True)
    raw = base64.b64decode(stored["Parameter"]["Value"])
    return _text(X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())


def _put(ssm: "SSMClient", name: str, value: str) -> bool:
    """False if it is there by now."""
    try:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
