"""The stack's policies for people: taken off whoever has them, since IAM deletes none in use."""

from collections.abc import Iterator
from typing import Final

from ops.deploy import stacks
from ops.deploy.account import Account
from ops.deploy.stacks import Stack
from ops.terminal import console

_MANAGED: Final = "AWS::IAM::ManagedPolicy"


def take_off(account: Account, stack: Stack) -> None:
    """Take every managed policy of the stack off users, roles and groups. Safe to repeat."""
    for policy in policies(account, stack):
        for page in account.iam.get_paginator("list_entities_for_policy").paginate(
            PolicyArn=policy
        ):
            for user in page["PolicyUsers"]:
                account.iam.detach_user_policy(UserName=user["UserName"], PolicyArn=policy)
                _tell(policy, user["UserName"])
            for role in page["PolicyRoles"]:
                account.iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=policy)
                _tell(policy, role["RoleName"])
            for group in page["PolicyGroups"]:
                account.iam.detach_group_policy(GroupName=group["GroupName"], PolicyArn=policy)
                _tell(policy, group["GroupName"])


def policies(account: Account, stack: Stack) -> Iterator[str]:
    """The ARN of each managed policy of the stack."""
    for resource in stacks.resources(account, stack):
        if resource["ResourceType"] == _MANAGED and resource.get("PhysicalResourceId"):
            yield resource["PhysicalResourceId"]


def _tell(policy: str, who: str) -> None:
    console.done(f"{who} has {policy.rpartition('/')[2]} no more.")
