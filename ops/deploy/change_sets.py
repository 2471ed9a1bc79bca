"""Change sets: what an update would do to each resource, in words, and executing it."""

import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError, WaiterError

from ops.deploy.account import Account
from ops.deploy.stack import CloudFormationStack, NextAction
from ops.errors import CannotContinue

PREFIX: Final = "zaklik-deploy-"
_CAPABILITIES: Final[Any] = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed", "no changes")
"""CloudFormation reports an empty change set as a failure, by words only."""
_WAITER: Final[Any] = {"Delay": 1, "MaxAttempts": 300}
_HOLDS_DATA: Final = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket"})
_REPLACED_EVERY_TIME: Final = frozenset({"AWS::ApiGateway::Deployment", "AWS::Lambda::Permission"})
"""Chalice and SAM name these by their content; a replacement interrupts nothing."""


class Effect(StrEnum):
    """What happens to a resource, in the order in which it is printed."""

    MADE = "made"
    CHANGED = "changed"
    REPLACED = "replaced"
    REMOVED = "removed"


_EFFECTS: Final = {"Add": Effect.MADE, "Import": Effect.MADE, "Remove": Effect.REMOVED}


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One resource that a change set touches. `name` is its logical id."""

    name: str
    type: str
    effect: Effect
    may_be_replaced: bool = False
    """CloudFormation decides only while it executes the change set."""

    @property
    def noun(self) -> str:
        """AWS's own word: `AWS::CloudFront::CachePolicy` is a cache policy."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.type.rpartition("::")[2]).lower()

    @property
    def needs_approval(self) -> bool:
        """Whether a person is asked first."""
        return (
            self.effect in (Effect.REPLACED, Effect.REMOVED)
            and self.type not in _REPLACED_EVERY_TIME
        )


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A change set that can be executed."""

    id: str
    stack_id: str
    changes: Sequence[ResourceChange]


def create(
    account: Account,
    name: str,
    action: NextAction,
    *,
    template_url: str,
    parameters: Mapping[str, str],
) -> ChangeSet | None:
    """Create the change set that brings stack `name` to the template; None without changes.

    `action` is CREATE or UPDATE. Change sets of earlier runs that were killed are deleted.
    Raises CannotContinue with CloudFormation's reason when it refuses the template.
    """
    if action is NextAction.UPDATE:
        _delete_abandoned(account, name)
    try:
        created = account.cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"{PREFIX}{int(time.time())}-{secrets.token_hex(4)}",
            ChangeSetType="CREATE" if action is NextAction.CREATE else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in sorted(parameters.items())
            ],
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": "zaklik", "Value": name}],
        )
    except ClientError as error:
        reason = error.response.get("Error", {})
        if reason.get("Code") != "ValidationError":
            raise
        raise CannotContinue(f"CloudFormation refuses the template: {reason['Message']}") from error
    if not _has_changes(account, created["Id"], created["StackId"]):
        return None
    pages = account.cloudformation.get_paginator("describe_change_set").paginate(
        ChangeSetName=created["Id"], StackName=created["StackId"]
    )
    changes = [change for page in pages for change in read_changes(page["Changes"])]
    return ChangeSet(id=created["Id"], stack_id=created["StackId"], changes=changes)


def execute(account: Account, change_set: ChangeSet) -> None:
    """Start it. CloudFormation then deletes all change sets of the stack."""
    account.cloudformation.execute_change_set(
        ChangeSetName=change_set.id, StackName=change_set.stack_id
    )


def delete(account: Account, change_set: ChangeSet) -> None:
    """Delete it without executing it."""
    account.cloudformation.delete_change_set(
        ChangeSetName=change_set.id, StackName=change_set.stack_id
    )


def delete_empty_stack(account: Account, stack: CloudFormationStack | None) -> None:
    """Delete a stack that exists only because a change set was created for it."""
    if stack is not None and stack.status == "REVIEW_IN_PROGRESS":
        account.cloudformation.delete_stack(StackName=stack.id)


def _delete_abandoned(account: Account, name: str) -> None:
    """Delete the change sets of killed runs: a stack can have only so many."""
    pages = account.cloudformation.get_paginator("list_change_sets").paginate(StackName=name)
    for page in pages:
        for summary in page["Summaries"]:
            if summary.get("ChangeSetName", "").startswith(PREFIX):
                account.cloudformation.delete_change_set(ChangeSetName=summary["ChangeSetId"])


def _has_changes(account: Account, change_set_id: str, stack_id: str) -> bool:
    """Wait for the change set; delete it if it failed. Raises CannotContinue with the reason."""
    waiter = account.cloudformation.get_waiter("change_set_create_complete")
    try:
        waiter.wait(ChangeSetName=change_set_id, StackName=stack_id, WaiterConfig=_WAITER)
    except WaiterError as error:
        described: Any = error.last_response
        if "Error" in described:
            raise
        if described["Status"] != "FAILED":
            raise CannotContinue(
                "CloudFormation has not computed the changes within five minutes. "
                "Nothing has changed; run this again later."
            ) from error
        account.cloudformation.delete_change_set(ChangeSetName=change_set_id, StackName=stack_id)
        reason = described.get("StatusReason", "it gives no reason")
        if any(words in reason for words in _NO_CHANGES):
            return False
        raise CannotContinue(f"CloudFormation refuses the template: {reason}") from error
    return True


def read_changes(described: Iterable[Any]) -> Sequence[ResourceChange]:
    """The `Changes` of DescribeChangeSet."""
    return [_read(item["ResourceChange"]) for item in described if item.get("Type") == "Resource"]


def _read(change: Any) -> ResourceChange:
    replacement = change.get("Replacement", "False")
    effect = _EFFECTS.get(change["Action"], Effect.CHANGED)
    if effect is Effect.CHANGED and replacement == "True":
        effect = Effect.REPLACED
    return ResourceChange(
        name=change["LogicalResourceId"],
        type=change["ResourceType"],
        effect=effect,
        may_be_replaced=effect is Effect.CHANGED and replacement == "Conditional",
    )


def summary(changes: Sequence[ResourceChange]) -> Sequence[str]:
    """One line for each effect, with resources counted by type."""
    lines = []
    for effect in Effect:
        counts = Counter((c.noun, c.type.split("::")[1]) for c in changes if c.effect is effect)
        nouns = [f"{_counted(count, noun)} ({of})" for (noun, of), count in sorted(counts.items())]
        if nouns:
            lines.append(f"{effect}: {', '.join(nouns)}")
    return lines


def warnings(changes: Sequence[ResourceChange]) -> Sequence[str]:
    """A line for each change that a person should see by name."""
    lines = []
    for change in changes:
        holds_data = change.type in _HOLDS_DATA
        if change.needs_approval:
            line = f"{change.name} ({change.noun}) will be {change.effect.upper()}."
        elif change.may_be_replaced and holds_data:
            line = f"{change.name} ({change.noun}) may be replaced."
        else:
            continue
        if holds_data:
            line += " The old one is kept with its content, but the service no longer sees it."
        lines.append(line)
    return lines


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"
