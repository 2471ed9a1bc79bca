"""The CloudFormation stack: its state, what to do next in it, and waiting for it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

from ops.deploy.account import Account, polls
from ops.errors import CannotContinue
from ops.terminal import console

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackResourceSummaryTypeDef

# The outputs of the template that these commands read.
DISTRIBUTION_DOMAIN: Final = "DistributionDomain"
WEB_FUNCTION: Final = "APIHandlerName"
API_URL: Final = "EndpointURL"
MAIL_QUEUE: Final = "MailQueueUrl"
DEAD_LETTERS_SUFFIX: Final = "DeadLettersUrl"

MAX_SECONDS: Final = 3600.0
"""CloudFront takes up to a quarter of an hour."""
SECONDS_TO_BEGIN: Final = 60.0
"""An operation without an event of the stack after this time is taken to have ended."""
_STACK_TYPE: Final = "AWS::CloudFormation::Stack"
_CONSEQUENCES: Final = ("Resource creation cancelled", "Resource update cancelled")
"""CloudFormation's reasons for resources that failed only because another one did."""


class NextAction(Enum):
    """What `apply` does next with a stack."""

    CREATE = auto()
    UPDATE = auto()
    WAIT = auto()
    CONTINUE_ROLLBACK = auto()
    DELETE_FAILED_STACK = auto()


_NEXT_ACTIONS: Final = {
    "REVIEW_IN_PROGRESS": NextAction.CREATE,
    "CREATE_COMPLETE": NextAction.UPDATE,
    "UPDATE_COMPLETE": NextAction.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": NextAction.UPDATE,
    "IMPORT_COMPLETE": NextAction.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": NextAction.UPDATE,
    "UPDATE_ROLLBACK_FAILED": NextAction.CONTINUE_ROLLBACK,
    "CREATE_FAILED": NextAction.DELETE_FAILED_STACK,
    "ROLLBACK_COMPLETE": NextAction.DELETE_FAILED_STACK,
    "ROLLBACK_FAILED": NextAction.DELETE_FAILED_STACK,
    "DELETE_FAILED": NextAction.DELETE_FAILED_STACK,
}


@dataclass(frozen=True, kw_only=True)
class CloudFormationStack:
    """A stack that exists. `status_reason` is empty where CloudFormation gives none."""

    name: str
    id: str
    status: str
    status_reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def was_created(self) -> bool:
        """Whether its creation succeeded once, so that it may hold people's data."""
        return next_action(self) in (NextAction.UPDATE, NextAction.CONTINUE_ROLLBACK)


def next_action(stack: CloudFormationStack | None) -> NextAction:
    """What `apply` does next. Raises CannotContinue in a state that `apply` never causes."""
    if stack is None:
        return NextAction.CREATE
    if stack.status in _NEXT_ACTIONS:
        return _NEXT_ACTIONS[stack.status]
    if stack.status.endswith("_IN_PROGRESS"):
        return NextAction.WAIT
    raise CannotContinue(
        f"The stack {stack.name} is in the state {stack.status}, which `zaklik deploy` never "
        "causes. Look at it in the CloudFormation console."
    )


def find(account: Account, name: str) -> CloudFormationStack | None:
    """The stack of this name or id; None if it does not exist, or no longer."""
    try:
        described = account.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        # CloudFormation has no code of its own for a missing stack.
        if re.search(r"\(ValidationError\).* does not exist", str(error)):
            return None
        raise
    if described["StackStatus"] == "DELETE_COMPLETE":
        return None
    return CloudFormationStack(
        name=described["StackName"],
        id=described["StackId"],
        status=described["StackStatus"],
        status_reason=described.get("StackStatusReason", ""),
        parameters={
            parameter["ParameterKey"]: parameter.get("ParameterValue", "")
            for parameter in described.get("Parameters", [])
        },
        outputs={
            output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])
        },
    )


def resources(
    account: Account, stack: CloudFormationStack
) -> "Sequence[StackResourceSummaryTypeDef]":
    """Every resource of the stack."""
    pages = account.cloudformation.get_paginator("list_stack_resources")
    return [
        resource
        for page in pages.paginate(StackName=stack.id)
        for resource in page["StackResourceSummaries"]
    ]


@dataclass(kw_only=True)
class StackProgress:
    """The events of one stack since `start`."""

    account: Account
    stack_id: str
    report: Callable[[str, int], None] = lambda text, done: None
    """Called with an event in words, and with the number of resources that are done."""
    begun: bool = False
    """Whether the stack itself has had an event since the start."""
    _seen: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)
    _failures: "list[StackEventTypeDef]" = field(default_factory=list)

    def start(self) -> None:
        """Skip the events so far."""
        self._seen.update(event["EventId"] for event in self._new_events())

    def update(self) -> None:
        """Read the events since the last call, oldest first."""
        for event in reversed(list(self._new_events())):
            self._seen.add(event["EventId"])
            self._record(event)

    @property
    def failure(self) -> str | None:
        """The first resource that failed, with CloudFormation's reason; None if none did."""
        for event in self._failures:
            reason = event.get("ResourceStatusReason", "")
            if not reason.startswith(_CONSEQUENCES):
                return f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): {reason}"
        return None

    def _record(self, event: "StackEventTypeDef") -> None:
        status, name = event.get("ResourceStatus", ""), event.get("LogicalResourceId", "")
        if status.endswith("_FAILED"):
            if not self._failures:
                self.report("something failed: CloudFormation rolls back", len(self._done))
            self._failures.append(event)
        if event.get("ResourceType") == _STACK_TYPE:
            self.begun = True
        elif status.endswith("_COMPLETE") and not self._failures:
            self._done.add(name)
            self.report(f"{name} {status.lower().replace('_', ' ')}", len(self._done))

    def _new_events(self) -> "Iterator[StackEventTypeDef]":
        """Newest first, as CloudFormation lists them."""
        pages = self.account.cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=self.stack_id):
            for event in page["StackEvents"]:
                if event["EventId"] in self._seen:
                    return
                yield event


@contextmanager
def shown_progress(account: Account, stack_id: str, resource_count: int) -> Iterator[StackProgress]:
    """Progress as a bar on a terminal, and as plain lines elsewhere."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with console.progress(*columns) as bar:
        task = bar.add_task("", total=resource_count)

        def report(text: str, done: int) -> None:
            if bar.disable:
                console.hint(text)
            bar.update(task, completed=min(done, resource_count), description=text)

        progress = StackProgress(account=account, stack_id=stack_id, report=report)
        progress.start()
        yield progress


def wait_until_stable(
    account: Account, name: str, progress: StackProgress | None = None
) -> CloudFormationStack | None:
    """Wait until no operation is in progress; the stack then, None if it is gone.

    With `progress`, the operation that was just asked for must have begun: CloudFormation shows it
    seconds later. Raises CannotContinue after an hour.
    """
    stack = None
    for waited in polls(MAX_SECONDS):
        # The events first: a status from before the operation's first event is out of date.
        if progress:
            progress.update()
        begun = progress is None or progress.begun or waited >= SECONDS_TO_BEGIN
        stack = find(account, name)
        if stack is None or (begun and next_action(stack) is not NextAction.WAIT):
            if progress:
                progress.update()
            return stack
    raise CannotContinue(
        f"The stack {name} is still {stack and stack.status} after an hour. "
        "Look at its events in the CloudFormation console, then run this again."
    )


def delete(account: Account, stack: CloudFormationStack) -> None:
    """Delete the stack and wait for it. Resources that its template retains stay.

    Raises CannotContinue with CloudFormation's reason if a resource cannot be deleted.
    """
    with shown_progress(account, stack.id, len(resources(account, stack))) as progress:
        account.cloudformation.delete_stack(StackName=stack.id)
        remaining = wait_until_stable(account, stack.id, progress)
    if remaining is not None:
        raise CannotContinue(
            f"The stack {stack.name} could not be deleted ({remaining.status}): "
            f"{remaining.status_reason} Remove what holds it, then run this again."
        )


def continue_rollback(account: Account, stack: CloudFormationStack) -> None:
    """Continue the rollback of an update. Raises CannotContinue when it fails again."""
    progress = StackProgress(account=account, stack_id=stack.id)
    progress.start()
    account.cloudformation.continue_update_rollback(StackName=stack.id)
    now = wait_until_stable(account, stack.id, progress)
    if now is not None and now.status == stack.status:
        raise CannotContinue(
            f"CloudFormation cannot roll the last update back: {now.status_reason} "
            "Fix that in the console, then run this again."
        )
