"""The policies of the deployed roles, looked at and changed through IAM."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.rehearsal.driving.deployed import Deployed

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The one policy in a role. `document` is as IAM reads it."""

    role: str
    name: str
    document: dict[str, Any]


def actions(statement: Statement) -> Sequence[str]:
    """The actions of a statement; IAM takes a text or a list of them."""
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else list(listed)


def change(
    deployed: Deployed, function: str, changed: Callable[[Statement], Statement | None]
) -> Policy:
    """Replace each statement of a function's policy by what `changed` makes of it, None: drop it.

    Returns the policy as it was.
    """
    role = deployed.configuration(function)["Role"].rpartition("/")[2]
    iam = deployed.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    kept = [made for each in whole["Statement"] if (made := changed(each)) is not None]
    put(deployed, Policy(role=role, name=name, document={**whole, "Statement": kept}))
    return Policy(role=role, name=name, document=whole)


def put(deployed: Deployed, policy: Policy) -> None:
    """Make the policy of a role this one."""
    deployed.client("iam").put_role_policy(
        RoleName=policy.role,
        PolicyName=policy.name,
        PolicyDocument=json.dumps(policy.document),
    )
