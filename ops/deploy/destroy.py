"""`zaklik deploy destroy`: deletes the service, in an order that every run can continue.

Tables and buckets are found by the stack's name, also without the stack. The secrets, without
which the data is worthless, are deleted after the data.
"""

from collections.abc import Iterator, Sequence

from ops.deploy import resources
from ops.deploy import stack as stacks
from ops.deploy.account import Account
from ops.deploy.artifacts import artifacts_of
from ops.deploy.stack import CloudFormationStack
from ops.errors import CannotContinue
from ops.secrets.inventory import NAMES_A_CALL, SECRET_NAMES
from ops.terminal import console


def refuse_data(account: Account, stack: str, *, allowed: bool) -> None:
    """Print how much people's data there is. Raises CannotContinue unless it is `allowed`."""
    data = [
        f"{_counted(count)} in {table}"
        for table in resources.table_names(stack)
        if (count := resources.count_items(account, table, ignore_expiring=True))
    ]
    if not data:
        return
    console.note(f"There is data: {', '.join(data)}.")
    if not allowed:
        raise CannotContinue(
            "Export the signatures first. To delete all data for good, add --with-all-data. "
            "Nothing is deleted."
        )


def destroy(account: Account, name: str) -> Sequence[str]:
    """Delete everything of the stack; the names of what still exists afterwards."""
    stack = stacks.wait_until_stable(account, name)
    if stack is not None:
        resources.detach_policies(account, stack)
    for table in resources.table_names(name):
        resources.lift_protection(account, table)
    if stack is not None:
        stacks.delete(account, stack)
        console.done(f"The stack {name} is deleted.")
    for table in resources.table_names(name):
        if resources.delete_table(account, table):
            console.done(f"The table {table} is deleted.")
    for bucket in _buckets(account, name):
        if resources.delete_bucket(account, bucket):
            console.done(f"The bucket {bucket} is deleted.")
    for group in _log_groups(account, name):
        account.logs.delete_log_group(logGroupName=group)
        console.done(f"The log group {group} is deleted.")
    remaining = list(_remaining(account, name))
    if not remaining:
        _delete_secrets(account, name)
    return remaining


def delete_failed_stack(account: Account, stack: CloudFormationStack) -> None:
    """Delete a stack whose creation failed, its empty tables and its empty bucket.

    Raises CannotContinue, before anything is deleted, if one of them holds data.
    """
    tables = resources.table_names(stack.name)
    buckets = [
        bucket
        for resource in stacks.resources(account, stack)
        if resource["LogicalResourceId"] == resources.EXPORT_BUCKET
        and (bucket := resource.get("PhysicalResourceId"))
    ]
    filled = [table for table in tables if resources.count_items(account, table)]
    filled += [bucket for bucket in buckets if resources.has_objects(account, bucket)]
    if filled:
        raise CannotContinue(
            f"The stack {stack.name} is {stack.status}, but there is data in "
            f"{', '.join(filled)}, so `apply` does not delete it. Save the data; "
            "then `zaklik deploy destroy` deletes everything."
        )
    for table in tables:
        resources.lift_protection(account, table)
        resources.delete_table(account, table)
    stacks.delete(account, stack)
    for bucket in buckets:
        resources.delete_bucket(account, bucket)


def _buckets(account: Account, stack: str) -> Sequence[str]:
    return [*resources.export_buckets(account, stack), artifacts_of(account, stack).bucket]


def _log_groups(account: Account, stack: str) -> Sequence[str]:
    """The stack's own, and those that Lambda has created again for its last lines."""
    pages = account.logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=resources.log_group_prefix(stack)
    )
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def _delete_secrets(account: Account, stack: str) -> None:
    path = resources.secrets_path(stack)
    names = [f"{path}/{name}" for name in SECRET_NAMES]
    count = 0
    for start in range(0, len(names), NAMES_A_CALL):
        answer = account.ssm.delete_parameters(Names=names[start : start + NAMES_A_CALL])
        count += len(answer["DeletedParameters"])
    if count:
        console.done(f"{console.counted(count, 'secret')} under {path} deleted.")


def _remaining(account: Account, stack: str) -> Iterator[str]:
    if stacks.find(account, stack) is not None:
        yield f"stack {stack}"
    for table in resources.table_names(stack):
        if resources.table_exists(account, table):
            yield f"table {table}"
    for bucket in _buckets(account, stack):
        if resources.bucket_exists(account, bucket):
            yield f"bucket {bucket}"
    for group in _log_groups(account, stack):
        yield f"log group {group}"


def _counted(count: int) -> str:
    if count > resources.MAX_COUNT:
        return f"more than {resources.MAX_COUNT:,} items"
    return console.counted(count, "item")
