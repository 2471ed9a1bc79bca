"""AWS's limits as its pages give them, each with its name there and what moves it."""

from dataclasses import dataclass
from typing import Final

READ: Final = "2026-11-22"
"""When the pages were read, in stored copies that bear no date of their own unless one is named."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit, the page that gives it, and the setting or quota that moves it."""

    name: str
    limit: float
    unit: str
    page: str
    moved_by: str


EDGE_REQUESTS: Final = Quota(
    name="CloudFront: requests per distribution",
    limit=250_000,
    unit="a second",
    page="CloudFront developer guide, “Quotas”",
    moved_by="quota “Requests per second per distribution”",
)
EDGE_GIGABITS: Final = Quota(
    name="CloudFront: data rate per distribution",
    limit=150,
    unit="Gbit/s",
    page="CloudFront developer guide, “Quotas”",
    moved_by="quota “Data transfer rate per distribution”",
)
API_REQUESTS: Final = Quota(
    name="API Gateway: requests of an account",
    limit=10_000,
    unit="a second",
    page="API Gateway developer guide, “Amazon API Gateway quotas”",
    moved_by="quota L-8A5B8E43, “Throttle rate”; then ThrottlingRateLimit in the template",
)
CONCURRENCY: Final = Quota(
    name="Lambda: functions at once in an account",
    limit=1_000,
    unit="at once",
    page="Lambda developer guide, “Lambda quotas”; new accounts may begin lower",
    moved_by="quota “Concurrent executions”",
)
RAMP: Final = Quota(
    name="Lambda: new processes of one function",
    limit=1_000,
    unit="in ten seconds",
    page="Lambda developer guide, “Lambda scaling behavior”",
    moved_by="nothing; provisioned concurrency before a known moment",
)
MAPPING: Final = Quota(
    name="Lambda: mails worked off at once, of one queue",
    limit=1_000,
    unit="at once",
    page="Lambda developer guide, “Configuring scaling behavior for SQS event source mappings”",
    moved_by="the mapping's provisioned mode",
)
TABLE_WRITES: Final = Quota(
    name="DynamoDB: writes of a new on-demand table",
    limit=4_000,
    unit="units a second",
    page="AWS re:Post, “My on-demand Amazon DynamoDB table has throttling”",
    moved_by="WarmThroughput of the table; twice the last peak within 30 minutes by itself; "
    "then quota “Table-level write throughput” (40,000)",
)
PARTITION_WRITES: Final = Quota(
    name="DynamoDB: writes of one partition",
    limit=1_000,
    unit="units a second",
    page="AWS re:Post, “My on-demand Amazon DynamoDB table has throttling”",
    moved_by="nothing: more partition keys in `store/keys.py`",
)
PARTITION_READS: Final = Quota(
    name="DynamoDB: reads of one partition",
    limit=3_000,
    unit="units a second",
    page="AWS re:Post, “My on-demand Amazon DynamoDB table has throttling”",
    moved_by="ZAKLIK_PAGE_CACHE_SECONDS: fewer reads by each process",
)
IN_FLIGHT: Final = Quota(
    name="SQS: messages of a queue in flight",
    limit=120_000,
    unit="at once",
    page="SQS developer guide, “Amazon SQS standard queue quotas”",
    moved_by="a request to AWS Support; sending itself is nearly unlimited",
)
PARAMETERS: Final = Quota(
    name="SSM: secrets read",
    limit=40,
    unit="a second",
    page="AWS General Reference as quoted on 2022-09-02, “Parameter Store throughput”",
    moved_by="SSM's setting “higher throughput” of the account and region",
)
MAIL_RATE: Final = Quota(
    name="SES: mails, sandbox",
    limit=1,
    unit="a second",
    page="SES developer guide, “Service quotas in Amazon SES”; "
    "outside the sandbox it varies and is not published",
    moved_by="quota “Sending rate”, granted by use and reputation; then MailConcurrency",
)
STREAM_BATCH: Final = Quota(
    name="stream: changes in one batch",
    limit=1_000,
    unit="a batch",
    page="Lambda developer guide, “Using AWS Lambda with Amazon DynamoDB”, as our mapping asks",
    moved_by="a batch larger than that waits for the next: seconds, and nothing is lost",
)
POLLS_PER_SECOND: Final = 4
"""Times a second that Lambda reads a shard (Lambda developer guide, "Using AWS Lambda with Amazon
DynamoDB")."""
