"""`zaklik deploy destroy`: takes everything away, in an order that can be taken up again anywhere.

What finds the rest goes last: tables and buckets are found by the stack's name without the stack,
and the secrets, without which data is worthless, outlive the data.
"""

from collections.abc import Iterator, Sequence

from botocore.exceptions import ClientError

from ops.deploy import attachments, buckets, names, stacks, tables, watching
from ops.deploy.account import Account
from ops.deploy.artifacts import artifacts_of
from ops.errors import CannotContinue
from ops.keys.secrets import SECRET_NAMES
from ops.terminal import console


def refuse_data(account: Account, stack: str, *, allowed: bool) -> None:
    """Say how much people's data there is. Raises CannotContinue unless that is `allowed`."""
    found = [
        f"{_counted(count)} in {table}"
        for table in names.tables(stack)
        if (count := tables.count(account, table, lasting=True))
    ]
    if not found:
        return
    console.note(f"There is data: {', '.join(found)}.")
    if not allowed:
        raise CannotContinue(
            "Export what people have signed first. To delete it for good, with all else, "
            "add --with-all-data. Nothing is deleted."
        )


def destroy(account: Account, stack: str) -> Sequence[str]:
    """Take everything away; the names of what is there after all."""
    standing = stacks.settle(account, stack)
    if standing is not None:
        attachments.take_off(account, standing)
    for table in names.tables(stack):
        tables.lift_protection(account, table)
    if standing is not None:
        _delete_stack(account, standing)
    for table in names.tables(stack):
        if tables.delete(account, table):
            console.done(f"The table {table} is deleted.")
    artifacts = artifacts_of(account, stack).bucket
    for bucket in (*buckets.export_buckets(account, stack), artifacts):
        if buckets.delete(account, bucket):
            console.done(f"The bucket {bucket} is deleted.")
    for group in _log_groups(account, stack):
        account.logs.delete_log_group(logGroupName=group)
        console.done(f"The log group {group} is deleted.")
    left = list(_left(account, stack))
    if not left:
        _delete_secrets(account, stack)
    return left


def _delete_stack(account: Account, stack: stacks.Stack) -> None:
    count = len(stacks.resources(account, stack))
    with watching.watched(account, stack.id, count) as watch:
        stacks.delete(account, stack, look=watch.look)
    console.done(f"The stack {stack.name} is deleted.")


def _log_groups(account: Account, stack: str) -> Sequence[str]:
    """The stack's own, and those that Lambda has made again for its last lines."""
    pages = account.logs.get_paginator("describe_log_groups")
    found = pages.paginate(logGroupNamePrefix=names.log_groups(stack))
    return [group["logGroupName"] for page in found for group in page["logGroups"]]


def _delete_secrets(account: Account, stack: str) -> None:
    path = names.secrets_path(stack)
    wanted = [f"{path}/{name}" for name in SECRET_NAMES]
    deleted = account.ssm.delete_parameters(Names=wanted)["DeletedParameters"]
    if deleted:
        console.done(f"{console.counted(len(deleted), 'secret')} under {path} deleted.")


def _left(account: Account, stack: str) -> Iterator[str]:
    """What can be found by name and should be gone."""
    if stacks.find(account, stack) is not None:
        yield f"stack {stack}"
    for table in names.tables(stack):
        if tables.exists(account, table):
            yield f"table {table}"
    for bucket in (*buckets.export_buckets(account, stack), artifacts_of(account, stack).bucket):
        if _exists(account, bucket):
            yield f"bucket {bucket}"
    for group in _log_groups(account, stack):
        yield f"log group {group}"


def _exists(account: Account, bucket: str) -> bool:
    try:
        account.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account.id)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return False
        raise
    return True


def _counted(count: int) -> str:
    if count > tables.MOST_COUNTED:
        return f"more than {tables.MOST_COUNTED:,} items"
    return console.counted(count, "item")
