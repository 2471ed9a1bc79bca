"""The stack's resources beside CloudFormation: names, tables, buckets, policies, queues."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.deploy import stack as stacks
from ops.deploy.account import Account, polls
from ops.deploy.stack import CloudFormationStack
from ops.errors import CannotContinue
from ops.terminal import console

EXPORT_BUCKET: Final = "ExportBucket"
MAX_COUNT: Final = 10_000
"""A count reads every item, so it stops there."""
_WITHOUT_EXPIRY: Final[dict[str, Any]] = {"FilterExpression": "attribute_not_exists(expires_at)"}
"""Tombstones, limits and keys of the day expire; they are nobody's data."""
MAIL_SECONDS: Final = 120.0
"""A mail takes seconds; SES's rate may let it wait behind others."""


def secrets_path(stack: str) -> str:
    """The path of the stack's secrets in Parameter Store."""
    return f"/{stack}"


def log_group_prefix(stack: str) -> str:
    """The beginning of all names of the stack's log groups."""
    return f"/zaklik/{stack}/"


def table_names(stack: str) -> Sequence[str]:
    """The names of the stack's tables."""
    tables = ("signatures", "subscribers", "petitions", "limits", "organisers")
    return [f"{stack}-{table}" for table in tables]


def count_items(account: Account, table: str, *, ignore_expiring: bool = False) -> int | None:
    """How many items, at most one page beyond MAX_COUNT; None when the table does not exist."""
    pages = account.dynamodb.get_paginator("scan").paginate(
        TableName=table,
        Select="COUNT",
        ConsistentRead=True,
        **(_WITHOUT_EXPIRY if ignore_expiring else {}),
    )
    count = 0
    try:
        for page in pages:
            count += page["Count"]
            if count > MAX_COUNT:
                break
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return None
    return count


def table_exists(account: Account, table: str) -> bool:
    """Whether the table exists."""
    try:
        account.dynamodb.describe_table(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def lift_protection(account: Account, table: str) -> None:
    """Allow the table to be deleted; nothing to do if it does not exist or is not protected."""
    try:
        described = account.dynamodb.describe_table(TableName=table)["Table"]
        if described.get("DeletionProtectionEnabled"):
            # Only an active table can be changed.
            account.dynamodb.get_waiter("table_exists").wait(TableName=table)
            account.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
            account.dynamodb.get_waiter("table_exists").wait(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return


def delete_table(account: Account, table: str) -> bool:
    """Delete the table and wait until it is gone; False if it did not exist."""
    try:
        account.dynamodb.delete_table(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return False
    except account.dynamodb.exceptions.ResourceInUseException:
        pass  # CloudFormation or a killed run is deleting it already.
    account.dynamodb.get_waiter("table_not_exists").wait(
        TableName=table, WaiterConfig={"Delay": 3, "MaxAttempts": 100}
    )
    return True


def export_buckets(account: Account, stack: str) -> Sequence[str]:
    """The export buckets of this stack and of former ones of its name, in this region.

    CloudFormation names them `<stack>-<logical id>-<letters and digits>`.
    """
    prefix = f"{stack}-{EXPORT_BUCKET.lower()}-"
    pattern = re.compile(re.escape(prefix) + "[a-z0-9]+")
    pages = account.s3.get_paginator("list_buckets").paginate(
        Prefix=prefix, BucketRegion=account.region
    )
    return [
        bucket["Name"]
        for page in pages
        for bucket in page.get("Buckets", [])
        if pattern.fullmatch(bucket["Name"])
    ]


def bucket_exists(account: Account, bucket: str) -> bool:
    """Whether the bucket exists in this account. Raises ClientError for somebody else's."""
    try:
        account.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account.id)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return False
        raise
    return True


def has_objects(account: Account, bucket: str) -> bool:
    """Whether the bucket holds anything, also an old version; False if it does not exist."""
    try:
        listed = account.s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    except account.s3.exceptions.NoSuchBucket:
        return False
    return bool(listed.get("Versions") or listed.get("DeleteMarkers"))


def delete_bucket(account: Account, bucket: str) -> bool:
    """Delete all versions of all objects and the bucket; False if it did not exist.

    Raises CannotContinue when S3 refuses to delete an object.
    """
    try:
        for page in account.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if versions:
                _delete_versions(account, bucket, versions)
        account.s3.delete_bucket(Bucket=bucket)
    except account.s3.exceptions.NoSuchBucket:
        return False
    return True


def _delete_versions(account: Account, bucket: str, versions: Sequence[Any]) -> None:
    objects: Any = [
        {"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions
    ]
    response = account.s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    if errors := response.get("Errors"):
        raise CannotContinue(
            f"S3 refuses to delete {len(errors)} objects of {bucket}: {errors[0].get('Code')}. "
            "Look at the bucket, then run this again."
        )


def detach_policies(account: Account, stack: CloudFormationStack) -> None:
    """Detach the stack's managed policies from everybody: IAM deletes none in use."""
    iam = account.iam
    detachers = {
        "User": iam.detach_user_policy,
        "Role": iam.detach_role_policy,
        "Group": iam.detach_group_policy,
    }
    for policy in managed_policies(account, stack):
        for page in iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=policy):
            for kind, detach in detachers.items():
                for name in [entity[f"{kind}Name"] for entity in page[f"Policy{kind}s"]]:
                    detach(**{f"{kind}Name": name}, PolicyArn=policy)
                    console.done(f"{policy.rpartition('/')[2]} is detached from {name}.")


def managed_policies(account: Account, stack: CloudFormationStack) -> Sequence[str]:
    """The ARNs of the stack's managed policies."""
    return [
        arn
        for resource in stacks.resources(account, stack)
        if resource["ResourceType"] == "AWS::IAM::ManagedPolicy"
        and (arn := resource.get("PhysicalResourceId"))
    ]


@dataclass(frozen=True, kw_only=True)
class DeployedQueues:
    """The queues of one stack. Counts are SQS's own, which lag by seconds."""

    account: Account
    stack: CloudFormationStack

    def dead_letters(self) -> Mapping[str, int]:
        """The messages in each dead-letter queue, by the name of the stack's output."""
        return {
            name: self._count(url)
            for name, url in self.stack.outputs.items()
            if name.endswith(stacks.DEAD_LETTERS_SUFFIX)
        }

    def mail_is_sent(self) -> bool:
        """Whether the mail queue becomes empty within MAIL_SECONDS."""
        url = self.stack.outputs[stacks.MAIL_QUEUE]
        return any(self._count(url) == 0 for _ in polls(MAIL_SECONDS))

    def _count(self, url: str) -> int:
        attributes = self.account.sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())
