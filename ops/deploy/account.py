"""The AWS account that is deployed to: every client of `zaklik deploy`, and how it retries.

The standard AWS variables apply (`AWS_PROFILE`, `AWS_ENDPOINT_URL` and so on).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from ops.deploy.settings import CERTIFICATE_REGION, DeploySettings
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_RETRIES: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 8}, connect_timeout=5, read_timeout=60
)
"""CloudFormation throttles readily; botocore's pauses grow to 20 s."""
POLL_SECONDS: Final = 2.0
"""Between two questions for a state that takes time."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Clients for one region, each made when first used."""

    region: str

    @cached_property
    def id(self) -> str:
        """The account's twelve digits. Raises what botocore raises without credentials."""
        sts = boto3.client("sts", region_name=self.region, config=_RETRIES)
        return sts.get_caller_identity()["Account"]

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """The stack and its change sets."""
        return boto3.client("cloudformation", region_name=self.region, config=_RETRIES)

    @cached_property
    def s3(self) -> "S3Client":
        """The buckets of artifacts and of exports."""
        return boto3.client("s3", region_name=self.region, config=_RETRIES)

    @cached_property
    def ssm(self) -> "SSMClient":
        """The secrets."""
        return boto3.client("ssm", region_name=self.region, config=_RETRIES)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The tables."""
        return boto3.client("dynamodb", region_name=self.region, config=_RETRIES)

    @cached_property
    def ses(self) -> "SESV2Client":
        """Mail."""
        return boto3.client("sesv2", region_name=self.region, config=_RETRIES)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The queues."""
        return boto3.client("sqs", region_name=self.region, config=_RETRIES)

    @cached_property
    def functions(self) -> "LambdaClient":
        """The functions and their quotas."""
        return boto3.client("lambda", region_name=self.region, config=_RETRIES)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """The log groups."""
        return boto3.client("logs", region_name=self.region, config=_RETRIES)

    @cached_property
    def iam(self) -> Any:
        """The policies."""
        return boto3.client("iam", region_name=self.region, config=_RETRIES)

    @cached_property
    def certificates(self) -> "ACMClient":
        """The certificates, in the one region from which CloudFront takes them."""
        return boto3.client("acm", region_name=CERTIFICATE_REGION, config=_RETRIES)


def account_for(settings: DeploySettings) -> Account:
    """The account of this shell, in the region of deploy.toml or else of the shell.

    Calls no AWS service. Raises CannotContinue without a region that AWS has.
    """
    shell = boto3.session.Session()
    # boto3 does not read AWS_REGION, which other tools of AWS do.
    region = settings.region or shell.region_name or os.environ.get("AWS_REGION")
    remedy = f'Write into {settings.file}: region = "eu-central-1"'
    if not region:
        raise CannotContinue(f"No AWS region is set. {remedy}")
    regions = {
        name
        for partition in shell.get_available_partitions()
        for name in shell.get_available_regions("dynamodb", partition)
    }
    if region not in regions:
        raise CannotContinue(f"AWS has no region “{region}”. {remedy}")
    return Account(region=region)


def polls(seconds: float) -> Iterator[float]:
    """Yields the seconds waited: at once, then every POLL_SECONDS until `seconds` are over."""
    started = monotonic()
    while True:
        yield monotonic() - started
        if monotonic() - started >= seconds:
            return
        sleep(POLL_SECONDS)
