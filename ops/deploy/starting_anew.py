"""Clears away a creation that never succeeded, so that the next one finds the names free."""

from botocore.exceptions import ClientError

from ops.deploy import buckets, names, stacks, tables
from ops.deploy.account import Account
from ops.deploy.stacks import Stack
from ops.errors import CannotContinue


def clear(account: Account, stack: Stack) -> None:
    """Delete a stack that never stood, its empty tables and empty bucket.

    Raises CannotContinue, before anything is touched, if there is anything in them.
    """
    found = names.tables(stack.name)
    filled = [table for table in found if tables.count(account, table)]
    made = [
        resource.get("PhysicalResourceId", "")
        for resource in stacks.resources(account, stack)
        if resource["LogicalResourceId"] == names.BUCKET_RESOURCE
    ]
    filled += [bucket for bucket in made if bucket and not _is_empty_or_gone(account, bucket)]
    if filled:
        raise CannotContinue(
            f"The stack {stack.name} is {stack.status}, but there is data in "
            f"{', '.join(filled)}: it is not deleted by itself. Save the data; "
            "then `zaklik deploy destroy` takes everything away."
        )
    for table in found:
        tables.lift_protection(account, table)
        tables.delete(account, table)
    stacks.delete(account, stack)
    for bucket in filter(None, made):
        buckets.delete(account, bucket)


def _is_empty_or_gone(account: Account, bucket: str) -> bool:
    try:
        return buckets.is_empty(account, bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchBucket":
            return True
        raise
