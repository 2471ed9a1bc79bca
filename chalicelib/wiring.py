"""The one place where real AWS clients are made, and what every use case is given.

Clients are made by boto3 when first used: a page that needs DynamoDB alone does not pay for the
others. They honour the standard AWS variables (`AWS_ENDPOINT_URL` among them) and nothing of our
own.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.config import Settings, settings_from
from chalicelib.domain.errors import Misconfigured
from chalicelib.mailer import Sender
from chalicelib.store.cache import Cache
from chalicelib.store.errors import translated
from chalicelib.store.posts import UnwrittenPosts
from chalicelib.store.table import Table
from chalicelib.tokens import TokenKeys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

TOKEN_KEYS: Final = "token-keys"  # noqa: S105 - a name, not a secret
INDEX_KEY: Final = "index-key"
MAILER_PUBLIC_KEY: Final = "mailer-public-key"
MAILER_PRIVATE_KEY: Final = "mailer-private-key"
KEY_BYTES: Final = 32
_PATIENT: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=2,
    read_timeout=4,
    max_pool_connections=32,
)
"""For calls that may be repeated: short waits, a few tries, then a kind refusal."""
_ONCE: Final = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)

Decoded = TypeVar("Decoded")


class MissingSecret(Misconfigured):
    """A secret is not there, is not of its kind, or may not be read. The message names it."""


@dataclass(kw_only=True)
class Secrets:
    """The secrets, read from Parameter Store when first used and kept for the process.

    A function can read only those that its role allows, and IAM refuses a call that names another
    one. So each is told the names that it may read, and reads them all in one call.
    """

    ssm: Callable[[], "SSMClient"]
    path: str
    together: Sequence[str] = ()
    """Names of secrets that are read with the first that is used. Any other is read by itself."""
    _unused: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    """The texts of those that were read with another one and not used yet, by name."""

    @cached_property
    def token_keys(self) -> TokenKeys:
        """Keys of links, as `{"current": 1, "keys": {"1": base64}}`."""
        return self._read(TOKEN_KEYS, _token_keys)

    @cached_property
    def index_key(self) -> bytes:
        """The key of blind indexes."""
        return self._read(INDEX_KEY, _key)

    @cached_property
    def mailer_public_key(self) -> bytes:
        """What addresses and mails are sealed to."""
        return self._read(MAILER_PUBLIC_KEY, _key)

    @cached_property
    def mailer_private_key(self) -> "X25519PrivateKey":
        """What opens addresses and mails; the mailer's role alone may read it."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
            X25519PrivateKey,
        )

        return X25519PrivateKey.from_private_bytes(self._read(MAILER_PRIVATE_KEY, _key))

    def _read(self, name: str, decode: Callable[[str], Decoded]) -> Decoded:
        """Read one secret. Raises MissingSecret, and Unavailable when a later try may do better."""
        text = self._unused.pop(name, None)
        if text is None:
            found = self._ask_for(self.together if name in self.together else [name])
            text = found.pop(name, None)
            self._unused |= found
        if text is None:
            raise MissingSecret(f"the secret {self.path}/{name} is not in Parameter Store")
        try:
            return decode(text)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained: what could not be read is a secret.
            raise MissingSecret(f"the secret {self.path}/{name} is not of its kind") from None

    def _ask_for(self, names: Sequence[str]) -> dict[str, str]:
        """The texts of those that are there, by name, in one call. Raises as `_read` does."""
        parameters = [f"{self.path}/{name}" for name in names]
        ssm = self.ssm()
        try:
            with translated():
                answer = ssm.get_parameters(Names=parameters, WithDecryption=True)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "AccessDeniedException":
                raise
            # AWS does not say which.
            which = " or ".join(parameters)
            raise MissingSecret(f"this role may not read the secret {which}") from None
        return {found["Name"].rpartition("/")[2]: found["Value"] for found in answer["Parameters"]}


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


@dataclass(kw_only=True)
class Services:
    """Everything outside the process that a use case may need."""

    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    limit_keys: dict[date, bytes] = field(default_factory=dict)
    """The key of the day that this process has read, see `limiting.py`."""
    unwritten_posts: UnwrittenPosts = field(default_factory=UnwrittenPosts)
    """Posts that are counted and not written yet, see `limiting.py`."""

    @cached_property
    def signatures(self) -> Table:
        """The table of sealed signatures."""
        return Table(name=self.settings.signatures_table, client=self._dynamodb)

    @cached_property
    def subscribers(self) -> Table:
        """The table of subscribers."""
        return Table(name=self.settings.subscribers_table, client=self._dynamodb)

    @cached_property
    def desk(self) -> Table:
        """The table of petitions, tallies, updates, limits and the ledger."""
        return Table(name=self.settings.desk_table, client=self._dynamodb)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of this stage."""
        return Secrets(
            ssm=lambda: self._ssm,
            path=self.settings.secrets_path,
            together=self.settings.secret_names.split(","),
        )

    @cached_property
    def cache(self) -> Cache:
        """What this process has read a moment ago."""
        return Cache(seconds=self.settings.page_cache_seconds)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The client for queues."""
        return self._session.client("sqs", config=_PATIENT)

    @cached_property
    def ses(self) -> "SESV2Client":
        """The client for mail: one attempt only, see `mailer.py`."""
        return self._session.client("sesv2", config=_ONCE)

    @property
    def sender(self) -> Sender:
        """Who mails come from."""
        return Sender(
            address=self.settings.sender, configuration_set=self.settings.configuration_set
        )

    @cached_property
    def _session(self) -> Session:
        """What makes the clients: boto3's own is shared by all threads, and not made for them."""
        return Session()

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", config=_PATIENT)

    @cached_property
    def _ssm(self) -> "SSMClient":
        return self._session.client("ssm", config=_PATIENT)


_services: Services | None = None


def services() -> Services:
    """The services of this process."""
    global _services  # noqa: PLW0603
    if _services is None:
        _services = Services(settings=settings_from())
    return _services


def install(installed: Services | None) -> None:
    """Replace the services of this process (tests and the local run); None: start afresh."""
    global _services  # noqa: PLW0603
    _services = installed
