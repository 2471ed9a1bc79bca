"""Buckets from outside: emptied with all versions, and deleted."""

import re
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from ops.deploy import names
from ops.deploy.account import Account
from ops.errors import CannotContinue


def export_buckets(account: Account, stack: str) -> Sequence[str]:
    """The export buckets that CloudFormation has made for stacks of this name, also former ones.

    CloudFormation names them `<stack>-<logical id>-<letters and digits>`.
    """
    begins = f"{stack}-{names.BUCKET_RESOURCE.lower()}-"
    ours = re.compile(re.escape(begins) + "[a-z0-9]+")
    # Only of this region: a stack of the same name may stand in another one.
    pages = account.s3.get_paginator("list_buckets").paginate(
        Prefix=begins, BucketRegion=account.region
    )
    return [
        bucket["Name"]
        for page in pages
        for bucket in page.get("Buckets", [])
        if ours.fullmatch(bucket["Name"])
    ]


def is_empty(account: Account, bucket: str) -> bool:
    """Whether nothing is in it, no old version either."""
    listed = account.s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    return not listed.get("Versions") and not listed.get("DeleteMarkers")


def delete(account: Account, bucket: str) -> bool:
    """Empty the bucket, all versions, and delete it; False if it was not there.

    Raises CannotContinue when S3 keeps something back.
    """
    try:
        _empty(account, bucket)
        account.s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchBucket":
            return False
        raise
    return True


def _empty(account: Account, bucket: str) -> None:
    for page in account.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            continue
        objects: Any = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        answer = account.s3.delete_objects(
            Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
        )
        if errors := answer.get("Errors"):
            raise CannotContinue(
                f"S3 keeps {len(errors)} objects of {bucket} back: {errors[0].get('Code')}. "
                "Look at the bucket, then run this again."
            )
