"""The services of a process: settings, clock, tables, secrets and AWS clients.

Clients are made when first used, because a page that needs only DynamoDB should not pay for the
others. They follow the standard AWS variables, such as `AWS_ENDPOINT_URL`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from boto3.session import Session
from botocore.config import Config

from chalicelib.config import Settings, settings_from
from chalicelib.mail.ses import Sender
from chalicelib.store.dynamodb.cache import Cache
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits.post_counts import UnflushedPostCounts
from chalicelib.store.secrets import Secrets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_SINGLE_ATTEMPT: Final = Config(
    retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20
)


@dataclass(kw_only=True)
class Services:
    """The services that a use case may need."""

    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    max_attempts: int = 4
    """Attempts of each AWS call that may be repeated, with botocore's waits between them."""
    limit_keys: dict[date, bytes] = field(default_factory=dict)
    """The key of the day, once it is read (see `protection/rate_limits.py`)."""
    unflushed_post_counts: UnflushedPostCounts = field(default_factory=UnflushedPostCounts)
    """Posts that are counted and not written yet (see `protection/rate_limits.py`)."""

    @cached_property
    def signatures(self) -> Table:
        """The table of sealed signatures."""
        return Table(name=self.settings.signatures_table, client=self._dynamodb)

    @cached_property
    def subscribers(self) -> Table:
        """The table of subscribers."""
        return Table(name=self.settings.subscribers_table, client=self._dynamodb)

    @cached_property
    def petitions(self) -> Table:
        """The table of petitions, tallies, updates, limits and the ledger."""
        return Table(name=self.settings.petitions_table, client=self._dynamodb)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets, from Parameter Store."""
        return Secrets(
            ssm=lambda: self._ssm,
            path=self.settings.secrets_path,
            together=self.settings.secret_names.split(","),
        )

    @cached_property
    def cache(self) -> Cache:
        """The cache of reads of this process."""
        return Cache(seconds=self.settings.page_cache_seconds)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The client for queues."""
        return self._session.client("sqs", config=self._repeatable)

    @cached_property
    def ses(self) -> "SESV2Client":
        """The client for mail: one attempt only (see `mail/ses.py`)."""
        return self._session.client("sesv2", config=_SINGLE_ATTEMPT)

    @property
    def sender(self) -> Sender:
        """The sender of mails."""
        return Sender(
            address=self.settings.sender, configuration_set=self.settings.configuration_set
        )

    @property
    def _repeatable(self) -> Config:
        """For calls that may be repeated: short timeouts, and throttled calls are retried."""
        return Config(
            retries={"mode": "standard", "total_max_attempts": self.max_attempts},
            connect_timeout=2,
            read_timeout=4,
            max_pool_connections=32,
        )

    @cached_property
    def _session(self) -> Session:
        """A session of our own: boto3's default session is not safe to share among threads."""
        return Session()

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", config=self._repeatable)

    @cached_property
    def _ssm(self) -> "SSMClient":
        return self._session.client("ssm", config=self._repeatable)


_services: Services | None = None


def services() -> Services:
    """The services of this process."""
    global _services  # noqa: PLW0603
    if _services is None:
        _services = Services(settings=settings_from())
    return _services


def install(installed: Services | None) -> None:
    """Replace the services of this process; None makes new ones at the next use."""
    global _services  # noqa: PLW0603
    _services = installed
