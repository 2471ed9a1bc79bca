"""The services of a process: settings, clock, tables, secrets and AWS clients.

Clients are made when first used, because a page that needs only DynamoDB should not pay for the
others. They follow the standard AWS variables, such as `AWS_ENDPOINT_URL`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from functools import cached_property
from typing import TYPE_CHECKING, Final

from boto3.session import Session
from botocore.config import Config

from chalicelib.config import Settings, settings_from
from chalicelib.crypto.keyring import RingKey
from chalicelib.domain.alerts.pacing import NEVER, Pace
from chalicelib.mail.ses import Sender
from chalicelib.store.dynamodb.cache import Cache
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.export_files import Bucket
from chalicelib.store.limits import daily_keys
from chalicelib.store.limits.index_salts import IndexSalt
from chalicelib.store.limits.post_counts import UnflushedPostCounts
from chalicelib.store.petitions.funnels import UnflushedFigures
from chalicelib.store.secrets import Secrets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

    from chalicelib.crypto.unsealing import PrivateKey
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.alerts.content import AlertContent

_USER_AGENT: Final = "zaklik"
"""botocore makes its own anew for each call, and says more of the machine than AWS needs."""
_SINGLE_ATTEMPT: Final = Config(
    retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10, user_agent=_USER_AGENT
)
_SHORT_SINGLE_ATTEMPT: Final = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=0.5,
    read_timeout=0.5,
    user_agent=_USER_AGENT,
)
"""For a write that may fail: a visitor waits for it a second at most."""


@dataclass(kw_only=True)
class Services:
    """The services that a use case may need."""

    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    """Waits for some seconds."""
    max_attempts: int = 4
    """Attempts of each AWS call that may be repeated, with botocore's waits between them."""
    index_salts: dict[str, tuple[IndexSalt, datetime]] = field(default_factory=dict)
    """The salts of petitions, and when they were read (see `people/blind_indexes.py`)."""
    limit_keys: dict[date, bytes] = field(default_factory=dict)
    """The key of the day, once it is read (see `limit_key`)."""
    unflushed_post_counts: UnflushedPostCounts = field(default_factory=UnflushedPostCounts)
    """Posts that are counted and not written yet (see `protection/rate_limits.py`)."""
    unflushed_figures: UnflushedFigures = field(default_factory=UnflushedFigures)
    """Confirmations that are counted and not written yet (see `store/petitions/funnels.py`)."""
    started_alerts: "dict[str, tuple[Alert, AlertContent]]" = field(default_factory=dict)
    """Alerts as they were when this process first met them, with their content, which stays."""
    pace: Pace | None = None
    """The pace of sending as this process knows it (see `protection/sending_rate.py`)."""
    pace_seen_at: datetime = NEVER

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
        """The table of petitions, tallies, updates and the ledger."""
        return Table(name=self.settings.petitions_table, client=self._dynamodb)

    @cached_property
    def petitions_single_attempt(self) -> Table:
        """The table of petitions for a write that is given up at the first fault, within a second.

        Its client is made when a process confirms its first signature.
        """
        client = self._session.client("dynamodb", config=_SHORT_SINGLE_ATTEMPT)
        return Table(name=self.settings.petitions_table, client=client)

    @cached_property
    def limits(self) -> Table:
        """The table of limits and of index salts, which has no recovery."""
        return Table(name=self.settings.limits_table, client=self._dynamodb)

    @cached_property
    def organisers(self) -> Table:
        """The table of organisers: accounts, sessions, roles, drafts, jobs and the trail."""
        return Table(name=self.settings.organisers_table, client=self._dynamodb)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets, from Parameter Store."""
        return Secrets(
            ssm=lambda: self._ssm,
            path=self.settings.secrets_path,
            now=self.now,
            together=self.settings.secret_names.split(","),
        )

    def limit_key(self, day: date) -> bytes:
        """The key of a day's limits, from a value in the table and the pepper.

        Each process reads it once.
        """
        key = self.limit_keys.get(day)
        if key is None:
            value = daily_keys.get_value(self.limits, day, now=self.now())
            # The pepper of the day's beginning: a change of peppers splits no count.
            midnight = datetime.combine(day, time_of_day.min, UTC)
            key = daily_keys.peppered(self.secrets.limit_peppers.current(midnight).raw, value)
            # One assignment: another thread never sees the dictionary empty.
            self.limit_keys = {day: key}
        return key

    @property
    def mailer_keys(self) -> "list[PrivateKey]":
        """The keys that open addresses and mails. Only the mailer's role may read them."""
        from chalicelib.crypto.unsealing import private_key  # noqa: PLC0415 - few functions unseal

        return [private_key(key.raw) for key in self.secrets.mailer_private_keys.keys]

    @property
    def job_key(self) -> RingKey:
        """The key that authenticates a job that is queued now."""
        return self.secrets.job_keys.current(self.now())

    @cached_property
    def cache(self) -> Cache:
        """The cache of reads of this process."""
        return Cache(seconds=self.settings.page_cache_seconds)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The client for queues."""
        return self._session.client("sqs", config=self._repeatable)

    @cached_property
    def export_files(self) -> Bucket:
        """The bucket of exports."""
        # Links need the newer of two kinds of signing (S3 API reference, "Authenticating").
        config = self._repeatable.merge(Config(signature_version="s3v4", read_timeout=10))
        client = self._session.client("s3", config=config)
        return Bucket(name=self.settings.export_bucket, client=client)

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
            user_agent=_USER_AGENT,
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
