"""Secrets, read from SSM Parameter Store: keyrings, by name."""

import base64
import json
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
ACTIVATION: Final = timedelta(minutes=30)
"""How long after its making a key is used first: by then every process has read it."""


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
    _texts: dict[str, tuple[datetime, str]] = field(default_factory=dict, init=False, repr=False)
    """The secrets that were read: when, and their texts, by name."""
    _rings: dict[str, Keyring] = field(default_factory=dict, init=False, repr=False)

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
        """One keyring. Raises MissingSecret, or Unavailable if a later attempt may succeed."""
        read_at, _ = self._texts.get(name, (None, ""))
        if read_at is None or self.now() - read_at >= REFRESH:
            try:
                self._read(name)
            except Unavailable:
                # An old keyring is better than none: a new key is not used before `ACTIVATION`.
                if read_at is None:
                    raise
        if name not in self._rings:
            try:
                self._rings[name] = read_keyring(self._texts[name][1])
            except (ValueError, KeyError, TypeError, AttributeError):
                # Read again at the next use: it may be corrected by then.
                del self._texts[name]
                # Not chained: the cause could show the secret.
                raise MissingSecret(f"the secret {self.path}/{name} is invalid") from None
        return self._rings[name]

    def _read(self, name: str) -> None:
        texts = self._request(self.together if name in self.together else [name])
        if name not in texts:
            raise MissingSecret(f"the secret {self.path}/{name} is not in Parameter Store")
        now = self.now()
        for other, text in texts.items():
            if self._texts.get(other, (None, None))[1] != text:
                self._rings.pop(other, None)
            self._texts[other] = (now, text)

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

    Raises ValueError, KeyError, TypeError or AttributeError for any other text.
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
