"""The bucket from which CloudFormation takes the package and the template."""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.deploy import names
from ops.deploy.account import Account
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_s3.literals import BucketLocationConstraintType

_NO_PLACE: Final = "us-east-1"
"""The one region that S3 does not want to hear of."""
_LIFECYCLE: Final = "what-was-never-uploaded-whole-is-dropped"
"""Packages are kept: an update that fails goes back to the one before, however old it is."""
_PRIVATE: Final = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """The bucket of one stack."""

    account: Account
    bucket: str

    def make(self) -> None:
        """Make the bucket, private and encrypted. Safe to repeat: a kill half-way is mended.

        Raises CannotContinue when somebody else has a bucket of this name.
        """
        s3 = self.account.s3
        try:
            s3.head_bucket(Bucket=self.bucket, ExpectedBucketOwner=self.account.id)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:
                raise
            self._create()
        s3.get_waiter("bucket_exists").wait(Bucket=self.bucket)
        s3.put_public_access_block(
            Bucket=self.bucket,
            PublicAccessBlockConfiguration=_PRIVATE,  # type: ignore[arg-type]
        )
        s3.put_bucket_encryption(
            Bucket=self.bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
        s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(_only_tls(self.bucket)))
        s3.put_bucket_lifecycle_configuration(
            Bucket=self.bucket,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": _LIFECYCLE,
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
        )

    def upload(self, content: bytes, ending: str) -> str:
        """Put `content` under a name made of its SHA-256, and return the name.

        The same content has the same name, so an unchanged package is an unchanged stack.
        """
        key = f"{hashlib.sha256(content).hexdigest()}{ending}"
        self.account.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def url(self, key: str) -> str:
        """The address under which CloudFormation reads `key`: where this shell's S3 is."""
        endpoint = self.account.s3.meta.endpoint_url
        if endpoint.endswith(".amazonaws.com"):
            return f"https://{self.bucket}.{endpoint.removeprefix('https://')}/{key}"
        return f"{endpoint}/{self.bucket}/{key}"

    def _create(self) -> None:
        region: Any = self.account.region
        place: BucketLocationConstraintType = region
        try:
            if region == _NO_PLACE:
                self.account.s3.create_bucket(Bucket=self.bucket)
            else:
                self.account.s3.create_bucket(
                    Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": place}
                )
        except self.account.s3.exceptions.BucketAlreadyOwnedByYou:
            return
        except self.account.s3.exceptions.BucketAlreadyExists:
            raise CannotContinue(
                f"Somebody else has the bucket {self.bucket}. "
                'Choose another stack name in deploy.toml: stack = "…"'
            ) from None


def artifacts_of(account: Account, stack: str) -> Artifacts:
    """The artifacts of `stack`; asks AWS for the account's id, and makes nothing."""
    bucket = names.artifacts_bucket(stack, account.id, account.region)
    return Artifacts(account=account, bucket=bucket)


def _only_tls(bucket: str) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
