"""The three tables from outside: how much is in them, their protection, their end."""

from typing import Any, Final

from botocore.exceptions import ClientError

from ops.deploy.account import Account

MOST_COUNTED: Final = 10_000
"""Counting reads what it counts: beyond this, people are told "more than"."""
_LASTING: Final[dict[str, Any]] = {"FilterExpression": "attribute_not_exists(expires_at)"}
"""What expires by itself is no data of anybody: tombstones, limits, keys of the day."""


def count(account: Account, table: str, *, lasting: bool = False) -> int | None:
    """How many items, at most a little over MOST_COUNTED; None when there is no such table.

    `lasting` leaves out what expires by itself.
    """
    pages = account.dynamodb.get_paginator("scan").paginate(
        TableName=table, Select="COUNT", ConsistentRead=True, **(_LASTING if lasting else {})
    )
    counted = 0
    try:
        for page in pages:
            counted += page["Count"]
            if counted > MOST_COUNTED:
                break
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return None
    return counted


def exists(account: Account, table: str) -> bool:
    """Whether there is such a table."""
    try:
        account.dynamodb.describe_table(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def lift_protection(account: Account, table: str) -> None:
    """Allow the table to be deleted. A table that is not there, or unprotected, is left alone."""
    try:
        described = account.dynamodb.describe_table(TableName=table)["Table"]
        if described.get("DeletionProtectionEnabled"):
            # Only an active table can be changed.
            account.dynamodb.get_waiter("table_exists").wait(TableName=table)
            account.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
            account.dynamodb.get_waiter("table_exists").wait(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return


def delete(account: Account, table: str) -> bool:
    """Delete the table and wait until it is gone; False if it was not there."""
    try:
        account.dynamodb.delete_table(TableName=table)
    except account.dynamodb.exceptions.ResourceNotFoundException:
        return False
    except ClientError as error:
        # It is being deleted already, by CloudFormation or by a run that was killed.
        if error.response.get("Error", {}).get("Code") != "ResourceInUseException":
            raise
    account.dynamodb.get_waiter("table_not_exists").wait(
        TableName=table, WaiterConfig={"Delay": 3, "MaxAttempts": 100}
    )
    return True
