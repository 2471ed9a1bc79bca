"""What AWS charges in Frankfurt (eu-central-1), with where each price was read and when.

They were read in public transcripts of AWS's Price List, not at AWS itself. Free tiers, discounts
and taxes are left out. A month's use runs through the tiers of a price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

MILLION: Final = 1_000_000
GIGABYTE: Final = 1024**3
_TERABYTE: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Tier:
    """`dollars` a unit from `start` units a month on."""

    start: float
    dollars: float


@dataclass(frozen=True, kw_only=True)
class Price:
    """A price: what for, of which unit, in tiers; the page, and the date that it bore or was read.

    `note` says what is uncertain about it.
    """

    service: str
    unit: str
    tiers: Sequence[Tier]
    page: str
    dated: date
    note: str = ""

    def dollars(self, units: float) -> float:
        """What `units` of one month cost."""
        ends = [tier.start for tier in self.tiers[1:]] + [units]
        return sum(
            max(0.0, min(units, end) - tier.start) * tier.dollars
            for tier, end in zip(self.tiers, ends, strict=True)
        )


def _flat(dollars: float) -> Sequence[Tier]:
    return (Tier(start=0, dollars=dollars),)


_DYNAMODB: Final = "AWS Price List, AmazonDynamoDB, eu-central-1"
_DYNAMODB_DATE: Final = date(2026, 8, 15)
_CLOUDWATCH: Final = "AWS Price List, AmazonCloudWatch, eu-central-1"
_CLOUDWATCH_DATE: Final = date(2026, 8, 6)
_CLOUDFRONT: Final = "AWS Price List, AmazonCloudFront, Europe"
_CLOUDFRONT_DATE: Final = date(2026, 6, 30)
_LAMBDA: Final = "AWS Price List, AWSLambda, eu-central-1"
_LAMBDA_DATE: Final = date(2026, 9, 11)

WRITES: Final = Price(
    service="DynamoDB writes",
    unit="write request unit, on demand",
    tiers=_flat(0.7625 / MILLION),
    page=_DYNAMODB,
    dated=_DYNAMODB_DATE,
)
READS: Final = Price(
    service="DynamoDB reads",
    unit="read request unit, on demand",
    tiers=_flat(0.1525 / MILLION),
    page=_DYNAMODB,
    dated=_DYNAMODB_DATE,
)
STORAGE: Final = Price(
    service="DynamoDB storage",
    unit="GB and month",
    tiers=_flat(0.306),
    page=_DYNAMODB,
    dated=_DYNAMODB_DATE,
)
RECOVERY: Final = Price(
    service="point-in-time recovery",
    unit="GB and month",
    tiers=_flat(0.2448),
    page=_DYNAMODB,
    dated=_DYNAMODB_DATE,
)
COMPUTE: Final = Price(
    service="Lambda, arm64",
    unit="GB-second",
    tiers=_flat(0.0000133334),
    page=_LAMBDA,
    dated=_LAMBDA_DATE,
    note="first tier, up to 7.5 billion a month",
)
INVOCATIONS: Final = Price(
    service="Lambda requests",
    unit="request",
    tiers=_flat(0.20 / MILLION),
    page=_LAMBDA,
    dated=_LAMBDA_DATE,
)
API: Final = Price(
    service="API Gateway, REST",
    unit="request",
    tiers=_flat(3.70 / MILLION),
    page="AWS Price List, AmazonApiGateway, EUC1-ApiGatewayRequest",
    dated=date(2026, 8, 12),
    note="first tier; from 333 million a month on it is cheaper, by how much here was not found",
)
EDGE_REQUESTS: Final = Price(
    service="CloudFront requests",
    unit="HTTPS request",
    tiers=_flat(0.0120 / 10_000),
    page=_CLOUDFRONT,
    dated=_CLOUDFRONT_DATE,
    note="that of GET, taken for POST, too",
)
EDGE_BYTES: Final = Price(
    service="CloudFront traffic",
    unit="GB to visitors",
    tiers=(
        Tier(start=0, dollars=0.085),
        Tier(start=10 * _TERABYTE, dollars=0.080),
        Tier(start=50 * _TERABYTE, dollars=0.060),
        Tier(start=150 * _TERABYTE, dollars=0.040),
        Tier(start=500 * _TERABYTE, dollars=0.030),
        Tier(start=_TERABYTE**2, dollars=0.025),
        Tier(start=5 * _TERABYTE**2, dollars=0.020),
    ),
    page=_CLOUDFRONT,
    dated=_CLOUDFRONT_DATE,
)
QUEUES: Final = Price(
    service="SQS",
    unit="request",
    tiers=_flat(0.40 / MILLION),
    page="AWS Price List, AWSQueueService, eu-central-1",
    dated=date(2025, 8, 28),
    note="first tier, up to 100 billion a month",
)
MAILS: Final = Price(
    service="SES mails",
    unit="recipient",
    tiers=(
        Tier(start=0, dollars=0.00016),
        Tier(start=10 * MILLION, dollars=0.00014),
        Tier(start=100 * MILLION, dollars=0.00011),
    ),
    page="AWS Price List, AmazonSES, us-east-1: plan Essentials",
    dated=date(2026, 7, 22),
    note="what new accounts get; that of eu-central-1 was not found",
)
MAILS_BEFORE: Final = Price(
    service="SES mails, à la carte",
    unit="recipient",
    tiers=_flat(0.0001),
    page="AWS Price List, AmazonSES, us-east-1: à la carte",
    dated=date(2026, 7, 22),
    note="for accounts that have sent since June 2025, and for who chooses it; "
    "that of eu-central-1 was not found",
)
LOGS: Final = Price(
    service="CloudWatch logs",
    unit="GB taken in",
    tiers=_flat(0.63),
    page=_CLOUDWATCH,
    dated=_CLOUDWATCH_DATE,
)
ALARMS: Final = Price(
    service="CloudWatch alarms",
    unit="alarm and month",
    tiers=_flat(0.10),
    page=_CLOUDWATCH,
    dated=_CLOUDWATCH_DATE,
)
ALL: Final = (
    API,
    COMPUTE,
    INVOCATIONS,
    WRITES,
    READS,
    STORAGE,
    RECOVERY,
    QUEUES,
    MAILS,
    MAILS_BEFORE,
    EDGE_REQUESTS,
    EDGE_BYTES,
    LOGS,
    ALARMS,
)
