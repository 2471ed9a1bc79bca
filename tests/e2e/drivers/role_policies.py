"""The policies of the deployed roles, read and changed through IAM."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.drivers.deployed_stack import DeployedStack

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RolePolicy:
    """The one policy of a role. `document` is as IAM reads it."""

    role: str
    name: str
    document: dict[str, Any]


def actions(statement: Statement) -> Sequence[str]:
    """The actions of a statement; IAM takes a text or a list of them."""
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else list(listed)


def change(
    stack: DeployedStack, function: str, changed: Callable[[Statement], Statement | None]
) -> RolePolicy:
    """Replace each statement of a function's policy by `changed` of it; None drops it.

    Returns the policy before the change.
    """
    role = stack.configuration(function)["Role"].rpartition("/")[2]
    iam = stack.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    statements = [after for before in document["Statement"] if (after := changed(before))]
    put(stack, RolePolicy(role=role, name=name, document={**document, "Statement": statements}))
    return RolePolicy(role=role, name=name, document=document)


def put(stack: DeployedStack, policy: RolePolicy) -> None:
    """Write the policy of a role."""
    stack.client("iam").put_role_policy(
        RoleName=policy.role,
        PolicyName=policy.name,
        PolicyDocument=json.dumps(policy.document),
    )
