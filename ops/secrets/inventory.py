"""The inventory of the service's secrets: which there are, and how each is made."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    """A ring of private keys, the ring of their public halves, and how the one makes the other.

    One ring seals or attests, the other opens or verifies. Every key of the first has its other
    half in the second: a new key is stored in the second first, and an old one leaves it last.
    """

    private: str
    public: str
    public_half: Callable[[bytes], bytes]
    seals: bool
    """Whether the public half seals and the private one opens; else the private half attests and
    the public one verifies."""

    def public_key(self, key: RingKey) -> RingKey:
        """The public half of a private key, with its id and moment."""
        return replace(key, raw=self.public_half(key.raw))

    def public_keys(self, private: Keyring) -> Sequence[RingKey]:
        """The public halves of a ring: all that verify, or the newest two of those that seal.

        One that seals takes 1.7 KB of the 4 KB that a parameter holds.
        """
        return [self.public_key(key) for key in private.keys[-2 if self.seals else 0 :]]

    def fit(self, private: Keyring, public: Keyring) -> bool:
        """Whether whatever is sealed can be opened, or whatever is attested can be verified."""
        try:
            halves = {key.id: self.public_half(key.raw) for key in private.keys}
        except ValueError:
            return False
        stored = {key.id: key.raw for key in public.keys}
        written = stored if self.seals else halves
        return all(halves.get(key_id) == stored.get(key_id) for key_id in written)


MAILER: Final = KeyPairs(
    private=MAILER_PRIVATE_KEYS,
    public=MAILER_PUBLIC_KEYS,
    public_half=lambda seed: PrivateKey(seed).public_bytes,
    seals=True,
)
PAIRS: Final = (
    MAILER,
    KeyPairs(
        private=ATTESTATION_KEYS,
        public=ATTESTATION_PUBLIC_KEYS,
        public_half=attestation.public_key,
        seals=False,
    ),
    KeyPairs(
        private=EXPORT_KEYS,
        public=EXPORT_PUBLIC_KEYS,
        public_half=attestation.public_key,
        seals=False,
    ),
)
RINGS: Final[Mapping[str, str]] = {
    "token": TOKEN_KEYS,
    "permanent-token": PERMANENT_TOKEN_KEYS,
    "index": INDEX_KEYS,
    "job": JOB_KEYS,
    "data-request": DATA_REQUEST_KEYS,
    "limit-pepper": LIMIT_PEPPERS,
    "attestation": ATTESTATION_KEYS,
    "export": EXPORT_KEYS,
    "mailer": MAILER_PRIVATE_KEYS,
}
"""The ring of each secret, by what people call the secret; of a pair, the private one."""
SECRET_NAMES: Final = (
    *RINGS.values(),
    *(pair.public for pair in PAIRS),
    ORIGIN_SECRET,
)
"""The public halves come after the private ones, from which they are made."""
NAMES_A_CALL: Final = 10
"""GetParameters and DeleteParameters take ten names (SSM API reference)."""


def new_secrets() -> Mapping[str, str]:
    """A new value for every secret, by its name below the service's path."""
    rings = {ring: _ring_of(new_key(1, FIRST_USED_FROM)) for ring in RINGS.values()}
    for pair in PAIRS:
        rings[pair.public] = _ring_of(*pair.public_keys(rings[pair.private]))
    return {
        **{name: write_keyring(ring) for name, ring in rings.items()},
        ORIGIN_SECRET: new_origin_secret(),
    }


def pair_of(name: str) -> KeyPairs | None:
    """The pairs of keys that a secret consists of; None if its keys have no public half."""
    return next((pair for pair in PAIRS if pair.private == RINGS[name]), None)


def new_key(key_id: int, used_from: datetime) -> RingKey:
    """A new random key."""
    return RingKey(id=key_id, raw=os.urandom(KEY_BYTES), used_from=used_from)


def new_origin_secret() -> str:
    """A new random text that fits into a header."""
    return secrets.token_urlsafe(KEY_BYTES)


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
            # From the stored private keys: another process may have stored them.
            private = read_keyring(_stored(ssm, path, pair.private))
            values[name] = write_keyring(_ring_of(*pair.public_keys(private)))
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


def _ring_of(*keys: RingKey) -> Keyring:
    return Keyring(keys=keys)


def _stored(ssm: "SSMClient", path: str, name: str) -> str:
    return ssm.get_parameter(Name=f"{path}/{name}", WithDecryption=True)["Parameter"]["Value"]


def _add(ssm: "SSMClient", name: str, value: str) -> bool:
    """Store a parameter; False if there is one of that name by now."""
    try:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True
