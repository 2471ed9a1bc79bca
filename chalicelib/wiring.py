"""The one place where real AWS clients are made, and what every use case is given.

Clients are made when first used: a page that needs DynamoDB alone does not pay for the others.
They honour the standard AWS variables (`AWS_ENDPOINT_URL` among them) and nothing of our own.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

from chalicelib.config import Settings, settings_from
from chalicelib.domain.errors import Misconfigured, Unavailable
from chalicelib.mailer import Sender
from chalicelib.store.cache import Cache
from chalicelib.store.posts import UnwrittenPosts
from chalicelib.store.table import Table
from chalicelib.tokens import TokenKeys

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session
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

Decoded = TypeVar("Decoded")


class MissingSecret(Misconfigured):
    """A secret is not there, is not of its kind, or may not be read. The message names it."""


@dataclass(kw_only=True)
class Secrets:
    """The secrets, each read from Parameter Store when first used and kept for the process.

    A function can read only those that its role allows.
    """

    ssm: Callable[[], "SSMClient"]
    path: str

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
        from botocore.exceptions import ClientError, HTTPClientError  # noqa: PLC0415
        from botocore.exceptions import ConnectionError as NoConnection  # noqa: PLC0415

        parameter = f"{self.path}/{name}"
        ssm = self.ssm()
        try:
            value = ssm.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            raise MissingSecret(f"the secret {parameter} is not in Parameter Store") from None
        except (HTTPClientError, NoConnection) as error:
            raise Unavailable from error
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code == "ThrottlingException" or status >= 500:
                raise Unavailable from error
            if code == "AccessDeniedException":
                raise MissingSecret(f"this role may not read the secret {parameter}") from None
            raise
        try:
            return decode(value)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained: what could not be read is a secret.
            raise MissingSecret(f"the secret {parameter} is not of its kind") from None


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
        return Secrets(ssm=lambda: self._ssm, path=self.settings.secrets_path)

    @cached_property
    def cache(self) -> Cache:
        """What this process has read a moment ago."""
        return Cache(seconds=self.settings.page_cache_seconds)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The client for queues."""
        return cast("SQSClient", self._session.create_client("sqs", config=_patient()))

    @cached_property
    def ses(self) -> "SESV2Client":
        """The client for mail: one attempt only, see `mailer.py`."""
        from botocore.config import Config  # noqa: PLC0415

        once = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
        return cast("SESV2Client", self._session.create_client("sesv2", config=once))

    @property
    def sender(self) -> Sender:
        """Who mails come from."""
        return Sender(
            address=self.settings.sender, configuration_set=self.settings.configuration_set
        )

    @cached_property
    def _session(self) -> "Session":
        """What makes the clients: boto3's would make the same ones, but takes longer to import."""
        from botocore.session import Session  # noqa: PLC0415

        return Session()

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._session.create_client("dynamodb", config=_patient()))

    @cached_property
    def _ssm(self) -> "SSMClient":
        return cast("SSMClient", self._session.create_client("ssm", config=_patient()))


def _patient() -> "Config":
    """For calls that may be repeated: short waits, a few tries, then a kind refusal."""
    from botocore.config import Config  # noqa: PLC0415

    return Config(
        retries={"mode": "standard", "total_max_attempts": 4},
        connect_timeout=2,
        read_timeout=4,
        max_pool_connections=32,
    )


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
