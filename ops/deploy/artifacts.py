"""The artifacts of a deployment: package and template, built and uploaded for CloudFormation."""

import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ops import compiling
from ops.build import packaging
from ops.deploy import resources
from ops.deploy.account import Account
from ops.deploy.settings import DeploySettings
from ops.errors import CannotContinue

_FUNCTION: Final = "AWS::Serverless::Function"
_MAX_TEMPLATE_BYTES: Final = 1_000_000
"""CloudFormation quotas, "Template body size in an S3 object"."""
_PRIVATE: Final[Any] = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, kw_only=True)
class Package:
    """The zip's bytes, and the template before it names the zip's place in S3."""

    content: bytes
    template: dict[str, Any]

    @property
    def megabytes(self) -> float:
        """The size of the zip."""
        return len(self.content) / 1_000_000


def build(settings: DeploySettings) -> Package:
    """Compile and build for the processor of deploy.toml. Raises NotPacked if it fails."""
    compiling.compile_all()
    with TemporaryDirectory(prefix="zaklik-deploy-") as folder:
        target = Path(folder)
        package = packaging.make(compiling.ROOT, target, settings.architecture)
        template = json.loads((target / packaging.TEMPLATE).read_text("utf-8"))
        return Package(content=package.read_bytes(), template=template)


def template_for(template: dict[str, Any], bucket: str, key: str) -> bytes:
    """The template as JSON, with `key` in `bucket` as the code of every function.

    Raises CannotContinue when it is larger than CloudFormation allows.
    """
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        if resource["Type"] == _FUNCTION:
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{key}"
    text = json.dumps(template, sort_keys=True).encode()
    if len(text) > _MAX_TEMPLATE_BYTES:
        raise CannotContinue(
            f"The template has {len(text):,} bytes, more than the {_MAX_TEMPLATE_BYTES:,} that "
            "CloudFormation takes. Take something out of .chalice/resources.json."
        )
    return text


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """The bucket from which CloudFormation reads the artifacts of one stack."""

    account: Account
    bucket: str

    def create_bucket(self) -> None:
        """Create the bucket and make it private. Safe to repeat, also after a kill half-way.

        S3 encrypts every object itself (S3 user guide, "Default encryption FAQ").
        Raises CannotContinue when another account has a bucket of this name.
        """
        s3 = self.account.s3
        if not resources.bucket_exists(self.account, self.bucket):
            self._create()
        s3.get_waiter("bucket_exists").wait(Bucket=self.bucket)
        s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=_PRIVATE)
        s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(_only_tls(self.bucket)))

    def upload(self, content: bytes, suffix: str) -> str:
        """Upload `content` under its SHA-256 and return the key.

        Unchanged content has an unchanged key, so CloudFormation sees no change.
        """
        key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
        self.account.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def url(self, key: str) -> str:
        """The URL under which CloudFormation reads `key`, at the S3 endpoint of this shell."""
        endpoint = self.account.s3.meta.endpoint_url
        if endpoint.endswith(".amazonaws.com"):
            return f"https://{self.bucket}.{endpoint.removeprefix('https://')}/{key}"
        return f"{endpoint}/{self.bucket}/{key}"

    def _create(self) -> None:
        region = self.account.region
        # S3 refuses a constraint to its first region.
        place: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self.account.s3.create_bucket(
                Bucket=self.bucket, **({} if region == "us-east-1" else place)
            )
        except self.account.s3.exceptions.BucketAlreadyOwnedByYou:
            return
        except self.account.s3.exceptions.BucketAlreadyExists:
            raise CannotContinue(
                f"Somebody else has the bucket {self.bucket}. "
                'Choose another stack name in deploy.toml: stack = "…"'
            ) from None


def artifacts_of(account: Account, stack: str) -> Artifacts:
    """The artifacts of `stack`: one call for the account's id, which makes the name unique."""
    bucket = f"{stack}-artifacts-{account.id}-{account.region}"
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
