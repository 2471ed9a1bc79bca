"""Change sets: asked for, waited for, executed, deleted."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.deploy import changes
from ops.deploy.account import Account
from ops.deploy.changes import Change
from ops.deploy.stacks import Move, Stack
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef

PREFIX: Final = "zaklik-deploy-"
_CAPABILITIES: Final[Any] = (
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
)
_NOTHING: Final = ("didn't contain changes", "No updates are to be performed", "no changes")
"""How CloudFormation says that there is nothing to do: as a failure, in words only."""
_SECONDS_BETWEEN_LOOKS: Final = 1.0
_MOST_SECONDS: Final = 300.0
_STILL_OPEN: Final = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A change set that can be executed."""

    id: str
    stack_id: str
    changes: Sequence[Change]


def make(
    account: Account,
    name: str,
    move: Move,
    *,
    template_url: str,
    parameters: dict[str, str],
) -> ChangeSet | None:
    """Ask what it takes to bring stack `name` to the template; None when there is nothing to do.

    `move` is CREATE or UPDATE. The change sets of earlier runs that were killed are deleted.
    Raises CannotContinue with CloudFormation's reason when it refuses the template.
    """
    if move is Move.UPDATE:
        _delete_left_over(account, name)
    try:
        made = account.cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"{PREFIX}{int(time.time())}-{secrets.token_hex(4)}",
            ChangeSetType="CREATE" if move is Move.CREATE else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in sorted(parameters.items())
            ],
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": "zaklik", "Value": name}],
        )
    except ClientError as error:
        answer = error.response.get("Error", {})
        if answer.get("Code") != "ValidationError":
            raise
        raise CannotContinue(f"CloudFormation refuses the template: {answer['Message']}") from error
    return _wait(account, made["Id"], made["StackId"])


def execute(account: Account, change_set: ChangeSet) -> None:
    """Start it. CloudFormation deletes all change sets of the stack when it begins."""
    account.cloudformation.execute_change_set(
        ChangeSetName=change_set.id, StackName=change_set.stack_id
    )


def discard(account: Account, change_set: ChangeSet) -> None:
    """Delete it unexecuted."""
    account.cloudformation.delete_change_set(
        ChangeSetName=change_set.id, StackName=change_set.stack_id
    )


def discard_empty_stack(account: Account, stack: Stack | None) -> None:
    """Delete a stack that a change set has made and nothing has filled."""
    if stack is not None and stack.status == "REVIEW_IN_PROGRESS":
        account.cloudformation.delete_stack(StackName=stack.id)


def _delete_left_over(account: Account, name: str) -> None:
    """What a killed run has left; a stack keeps only so many."""
    pages = account.cloudformation.get_paginator("list_change_sets").paginate(StackName=name)
    for page in pages:
        for summary in page["Summaries"]:
            if summary.get("ChangeSetName", "").startswith(PREFIX):
                account.cloudformation.delete_change_set(ChangeSetName=summary["ChangeSetId"])


def _wait(account: Account, change_set_id: str, stack_id: str) -> ChangeSet | None:
    until = time.monotonic() + _MOST_SECONDS
    found: list[Change] = []
    while True:
        first = account.cloudformation.describe_change_set(
            ChangeSetName=change_set_id, StackName=stack_id
        )
        if first["Status"] not in _STILL_OPEN:
            break
        if time.monotonic() > until:
            raise CannotContinue(
                "CloudFormation has been working out the changes for five minutes. "
                "Nothing has changed; run this again later."
            )
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if first["Status"] == "FAILED":
        _discard_failed(account, first)
        return None
    found += changes.read_changes(first["Changes"])
    while token := first.get("NextToken"):
        first = account.cloudformation.describe_change_set(
            ChangeSetName=change_set_id, StackName=stack_id, NextToken=token
        )
        found += changes.read_changes(first["Changes"])
    return ChangeSet(id=change_set_id, stack_id=stack_id, changes=found)


def _discard_failed(account: Account, described: "DescribeChangeSetOutputTypeDef") -> None:
    """Delete a change set that came to nothing. Raises CannotContinue if that was a fault."""
    reason = described.get("StatusReason", "it gives no reason")
    account.cloudformation.delete_change_set(
        ChangeSetName=described["ChangeSetId"], StackName=described["StackId"]
    )
    if not any(words in reason for words in _NOTHING):
        raise CannotContinue(f"CloudFormation refuses the template: {reason}")
