"""Secrets, read from SSM Parameter Store: keyrings, by name."""

import base64
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import Misconfigured, Unavailable
from chalicelib.store.dynamodb.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

log = logging.getLogger(__name__)

TOKEN_KEYS: Final = "token-keys"  # noqa: S105 - a name, not a secret
PERMANENT_TOKEN_KEYS: Final = "permanent-token-keys"  # noqa: S105
INDEX_KEYS: Final = "index-keys"
JOB_KEYS: Final = "job-keys"
DATA_REQUEST_KEYS: Final = "data-request-keys"
LIMIT_PEPPERS: Final = "limit-peppers"
ATTESTATION_KEYS: Final = "attestation-keys"
ATTESTATION_PUBLIC_KEYS: Final = "attestation-public-keys"
EXPORT_KEYS: Final = "export-keys"
EXPORT_PUBLIC_KEYS: Final = "export-public-keys"
MAILER_PRIVATE_KEYS: Final = "mailer-private-keys"
MAILER_PUBLIC_KEYS: Final = "mailer-public-keys"

REFRESH: Final = timedelta(minutes=10)
"""How long a process uses what it has read."""
RETRY: Final = timedelta(minutes=1)
"""How long it waits after a read that has failed."""
ACTIVATION: Final = timedelta(minutes=30)
"""How long after its making a key is used first: by then every process has read it."""


INVALID: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What `read_keyring` raises for a text that is no keyring."""


class MissingSecret(Misconfigured):
    """A secret is missing, invalid, or not allowed to be read. The message names it."""


@dataclass(kw_only=True)
class Secrets:
    """The secrets, read from Parameter Store when first used, and again after `REFRESH`.

    IAM refuses a call that names a secret outside the role's policy. So each function has the list
    of the names that it may read (`together`), and reads all of them in one call.
    """

    ssm: Callable[[], "SSMClient"]
    path: str
    now: Callable[[], datetime]
    together: Sequence[str] = ()
    """Names of secrets that are read in one call. Each other secret is read alone."""
    _rings: dict[str, tuple[datetime, Keyring]] = field(
        default_factory=dict, init=False, repr=False
    )
    """The keyrings that were read, and when each is to be read again, by name.

    Threads share it: time and keyring are one value.
    """

    @property
    def token_keys(self) -> Keyring:
        """The keys of links that expire."""
        return self._ring(TOKEN_KEYS)

    @property
    def permanent_token_keys(self) -> Keyring:
        """The keys of links that never expire: to leave, and to block all mails."""
        return self._ring(PERMANENT_TOKEN_KEYS)

    @property
    def index_keys(self) -> Keyring:
        """The root keys of blind indexes."""
        return self._ring(INDEX_KEYS)

    @property
    def job_keys(self) -> Keyring:
        """The keys by which a job proves that a function or a person of ours has queued it."""
        return self._ring(JOB_KEYS)

    @property
    def data_request_keys(self) -> Keyring:
        """The keys by which a job proves that it answers a data-protection request."""
        return self._ring(DATA_REQUEST_KEYS)

    @property
    def limit_peppers(self) -> Keyring:
        """The keys that are mixed into the hashes of limits, beside the random key of the day."""
        return self._ring(LIMIT_PEPPERS)

    @property
    def attestation_keys(self) -> Keyring:
        """The seeds by which stored signatures are attested. Only the web role may read them."""
        return self._ring(ATTESTATION_KEYS)

    @property
    def attestation_public_keys(self) -> Keyring:
        """Their public halves."""
        return self._ring(ATTESTATION_PUBLIC_KEYS)

    @property
    def export_keys(self) -> Keyring:
        """The seeds by which manifests of exports are attested. Only the exporter may read them."""
        return self._ring(EXPORT_KEYS)

    @property
    def export_public_keys(self) -> Keyring:
        """Their public halves."""
        return self._ring(EXPORT_PUBLIC_KEYS)

    @property
    def mailer_public_keys(self) -> Keyring:
        """The keys to which addresses and mails are sealed."""
        return self._ring(MAILER_PUBLIC_KEYS)

    @property
    def mailer_private_keys(self) -> Keyring:
        """The seeds that open addresses and mails. Only the mailer's role may read them."""
        return self._ring(MAILER_PRIVATE_KEYS)

    def _ring(self, name: str) -> Keyring:
        """One keyring. Raises MissingSecret, or Unavailable if a later attempt may succeed.

        An old keyring is better than none: where it cannot be read again, a process continues with
        what it has. A new key is not used before `ACTIVATION`.
        """
        read_again_at, ring = self._rings.get(name, (None, None))
        if read_again_at is None or ring is None:
            return self._read(name)
        if self.now() < read_again_at:
            return ring
        try:
            return self._read(name)
        except (MissingSecret, Unavailable) as error:
            log.error("%s cannot be read again: %s", name, type(error).__name__)
            self._rings[name] = (self.now() + RETRY, ring)
            return ring

    def _read(self, name: str) -> Keyring:
        """Read a keyring, and all that are read together with it. Raises the errors of `_ring`."""
        texts = self._request(self.together if name in self.together else [name])
        if name not in texts:
            raise MissingSecret(f"the secret {self.path}/{name} is not in Parameter Store")
        rings = {}
        for other, text in texts.items():
            try:
                rings[other] = read_keyring(text)
            except INVALID:
                # The others can be used. Not chained: the cause could show the secret.
                continue
        if name not in rings:
            raise MissingSecret(f"the secret {self.path}/{name} is invalid")
        for other, ring in rings.items():
            self._rings[other] = (self.now() + REFRESH, ring)
        return rings[name]

    def _request(self, names: Sequence[str]) -> dict[str, str]:
        """The texts of existing secrets by name, in one call. Raises the errors of `_ring`."""
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


def read_keyring(text: str) -> Keyring:
    """The keyring of a secret's text: `{"keys": [{"id": 1, "key": base64, "used_from": …}]}`.

    Raises one of INVALID for any other text.
    """
    return Keyring(
        keys=tuple(
            RingKey(
                id=int(values["id"]),
                raw=base64.b64decode(values["key"], validate=True),
                used_from=datetime.fromisoformat(values["used_from"]),
            )
            for values in json.loads(text)["keys"]
        )
    )


def write_keyring(keyring: Keyring) -> str:
    """The text of a secret."""
    keys = [
        {
            "id": key.id,
            "key": base64.b64encode(key.raw).decode(),
            "used_from": key.used_from.isoformat(timespec="seconds"),
        }
        for key in keyring.keys
    ]
    return json.dumps({"keys": keys}, separators=(",", ":"))
