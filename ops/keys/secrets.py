"""The service's secrets: made once, stored in SSM Parameter Store, never shown."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from chalicelib.crypto import attestation
from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.store.secrets import (
    ATTESTATION_KEYS,
    ATTESTATION_PUBLIC_KEYS,
    DATA_REQUEST_KEYS,
    EXPORT_KEYS,
    EXPORT_PUBLIC_KEYS,
    INDEX_KEYS,
    JOB_KEYS,
    LIMIT_PEPPERS,
    MAILER_PRIVATE_KEYS,
    MAILER_PUBLIC_KEYS,
    PERMANENT_TOKEN_KEYS,
    TOKEN_KEYS,
    read_keyring,
    write_keyring,
)
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

ORIGIN_SECRET: Final = "origin-secret"  # noqa: S105 - a name, not a secret
"""The header by which the API knows CloudFront. No function reads it: they know its digest."""
KEY_BYTES: Final = 32
"""Of every key that is made here."""
FIRST_USED_FROM: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The first key of a ring is used at once."""


@dataclass(frozen=True, kw_only=True)
class KeyPairs:
    """A ring of private keys, the ring of their public halves, and how the one makes the other."""

    private: str
    public: str
    public_half: Callable[[bytes], bytes]


PAIRS: Final = (
    KeyPairs(
        private=MAILER_PRIVATE_KEYS,
        public=MAILER_PUBLIC_KEYS,
        public_half=lambda seed: PrivateKey(seed).public_bytes,
    ),
    KeyPairs(
        private=ATTESTATION_KEYS,
        public=ATTESTATION_PUBLIC_KEYS,
        public_half=attestation.public_key,
    ),
    KeyPairs(private=EXPORT_KEYS, public=EXPORT_PUBLIC_KEYS, public_half=attestation.public_key),
)
SINGLE: Final = (
    *(TOKEN_KEYS, PERMANENT_TOKEN_KEYS, INDEX_KEYS),
    *(JOB_KEYS, DATA_REQUEST_KEYS, LIMIT_PEPPERS),
)
"""Rings of keys without a public half."""
SECRET_NAMES: Final = (
    *SINGLE,
    *(pair.private for pair in PAIRS),
    *(pair.public for pair in PAIRS),
    ORIGIN_SECRET,
)
"""The public halves come after the private ones, from which they are made."""
NAMES_A_CALL: Final = 10
"""GetParameters and DeleteParameters take ten names (SSM API reference)."""


def new_secrets() -> Mapping[str, str]:
    """A new value for every secret, by its name below the service's path."""
    rings = {name: _new_ring() for name in (*SINGLE, *(pair.private for pair in PAIRS))}
    public = {pair.public: public_ring(pair, rings[pair.private]) for pair in PAIRS}
    return {
        **{name: write_keyring(ring) for name, ring in {**rings, **public}.items()},
        ORIGIN_SECRET: secrets.token_urlsafe(KEY_BYTES),
    }


def public_ring(pair: KeyPairs, private: Keyring) -> Keyring:
    """The public halves of a ring of private keys, with their ids and moments."""
    return Keyring(
        keys=tuple(
            RingKey(id=key.id, raw=pair.public_half(key.raw), used_from=key.used_from)
            for key in private.keys
        )
    )


def store_missing(ssm: "SSMClient", path: str) -> Sequence[str]:
    """Store the secrets that are missing under `path`; return their names.

    Never replaces a secret: it may be all that opens what has been stored. Safe to repeat, and safe
    when two people do it at once. Raises CannotContinue when a private key is lost while its public
    half is there.
    """
    present = read_all(ssm, path, decrypted=False)
    for pair in PAIRS:
        if pair.public in present and pair.private not in present:
            raise CannotContinue(
                f"{path}/{pair.private} is missing, but its public half is there. Restore it from "
                "the backup: a new one does not open, or vouch for, what is stored."
            )
    values = dict(new_secrets())
    public_of = {pair.public: pair for pair in PAIRS}
    added = []
    for name in SECRET_NAMES:
        if name in present:
            continue
        if name in public_of:
            pair = public_of[name]
            # From the stored private key: another process may have stored it.
            values[name] = write_keyring(public_ring(pair, read_ring(ssm, path, pair.private)))
        if _add(ssm, f"{path}/{name}", values[name]):
            added.append(name)
    return added


def read_all(ssm: "SSMClient", path: str, *, decrypted: bool = True) -> Mapping[str, str]:
    """The texts of all secrets that are stored, by name."""
    names = [f"{path}/{name}" for name in SECRET_NAMES]
    texts: dict[str, str] = {}
    for start in range(0, len(names), NAMES_A_CALL):
        response = ssm.get_parameters(
            Names=names[start : start + NAMES_A_CALL], WithDecryption=decrypted
        )
        texts |= {item["Name"].rpartition("/")[2]: item["Value"] for item in response["Parameters"]}
    return texts


def read_ring(ssm: "SSMClient", path: str, name: str) -> Keyring:
    """A keyring in Parameter Store."""
    stored = ssm.get_parameter(Name=f"{path}/{name}", WithDecryption=True)
    return read_keyring(stored["Parameter"]["Value"])


def _new_ring() -> Keyring:
    key = RingKey(id=1, raw=os.urandom(KEY_BYTES), used_from=FIRST_USED_FROM)
    return Keyring(keys=(key,))


def _add(ssm: "SSMClient", name: str, value: str) -> bool:
    """Store a parameter; False if there is one of that name by now."""
    try:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True
