"""The stack as CloudFormation has it, and what its state allows next."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from ops.deploy.account import Account
from ops.errors import CannotContinue

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

SECONDS_BETWEEN_LOOKS: Final = 2.0
MOST_SECONDS: Final = 3600.0
"""CloudFront may take a quarter of an hour; an hour means that something hangs."""
SECONDS_TO_BEGIN: Final = 60.0
"""After which an operation that left no mark is taken to have been over at once."""
_IN_PROGRESS: Final = "_IN_PROGRESS"
_REVIEW: Final = "REVIEW_IN_PROGRESS"


class Move(Enum):
    """What comes next for a stack in some state."""

    CREATE = auto()
    UPDATE = auto()
    WAIT = auto()
    CONTINUE_ROLLBACK = auto()
    START_ANEW = auto()


_MOVES: Final = {
    _REVIEW: Move.CREATE,
    "CREATE_COMPLETE": Move.UPDATE,
    "UPDATE_COMPLETE": Move.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": Move.UPDATE,
    "IMPORT_COMPLETE": Move.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": Move.UPDATE,
    "UPDATE_ROLLBACK_FAILED": Move.CONTINUE_ROLLBACK,
    "CREATE_FAILED": Move.START_ANEW,
    "ROLLBACK_COMPLETE": Move.START_ANEW,
    "ROLLBACK_FAILED": Move.START_ANEW,
    "DELETE_FAILED": Move.START_ANEW,
}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack that CloudFormation knows. `status_reason` is empty where there is none."""

    name: str
    id: str
    status: str
    status_reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def stands(self) -> bool:
        """Whether it has been created once, so that it may hold people's data."""
        return next_move(self) in (Move.UPDATE, Move.CONTINUE_ROLLBACK)


def next_move(stack: Stack | None) -> Move:
    """What `apply` does next. Raises CannotContinue in a state that a person must look at."""
    if stack is None:
        return Move.CREATE
    if stack.status in _MOVES:
        return _MOVES[stack.status]
    if stack.status.endswith(_IN_PROGRESS):
        return Move.WAIT
    raise CannotContinue(
        f"The stack {stack.name} is in the state {stack.status}, which `zaklik deploy` never makes."
        " Look at it in the CloudFormation console."
    )


def find(account: Account, name: str) -> Stack | None:
    """The stack of this name or id; None if there is none, or no longer."""
    try:
        described = account.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if _is_missing(error):
            return None
        raise
    if described["StackStatus"] == "DELETE_COMPLETE":
        return None
    return Stack(
        name=described["StackName"],
        id=described["StackId"],
        status=described["StackStatus"],
        status_reason=described.get("StackStatusReason", ""),
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in described.get("Parameters", [])
        },
        outputs={each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])},
    )


def settle(
    account: Account,
    name: str,
    *,
    look: Callable[[], None] = lambda: None,
    begun: Callable[[Stack], bool] = lambda stack: True,
) -> Stack | None:
    """Wait until nothing is in progress; the stack then. `look` is called at every look.

    `begun` tells whether what was asked for has left its mark on the stack: what CloudFormation
    says of a stack lags behind what it was told by seconds. Raises CannotContinue after an hour.
    """
    started = time.monotonic()
    while True:
        stack = find(account, name)
        look()
        waited = time.monotonic() - started
        if stack is None:
            return None
        if next_move(stack) is not Move.WAIT and (begun(stack) or waited > SECONDS_TO_BEGIN):
            return stack
        if waited > MOST_SECONDS:
            raise CannotContinue(
                f"The stack {name} is still {stack.status} after an hour. "
                "Look at its events in the CloudFormation console, then run this again."
            )
        time.sleep(SECONDS_BETWEEN_LOOKS)


def resources(account: Account, stack: Stack) -> "Sequence[StackResourceSummaryTypeDef]":
    """Every resource of the stack, as CloudFormation lists them."""
    pages = account.cloudformation.get_paginator("list_stack_resources")
    return [
        resource
        for page in pages.paginate(StackName=stack.id)
        for resource in page["StackResourceSummaries"]
    ]


def delete(account: Account, stack: Stack, *, look: Callable[[], None] = lambda: None) -> None:
    """Delete the stack and wait for it. What its template retains stays.

    Raises CannotContinue with CloudFormation's reason if something refuses to go.
    """
    account.cloudformation.delete_stack(StackName=stack.id)
    left = settle(account, stack.id, look=look, begun=lambda now: now.status != stack.status)
    if left is not None:
        raise CannotContinue(
            f"The stack {stack.name} could not be deleted ({left.status}): {left.status_reason} "
            "Remove what holds it, then run this again."
        )


def continue_rollback(account: Account, stack: Stack) -> Stack | None:
    """Take back an update whose taking back got stuck; the stack then.

    Raises CannotContinue when it gets stuck again.
    """
    account.cloudformation.continue_update_rollback(StackName=stack.id)
    now = settle(account, stack.id, begun=lambda now: now.status != stack.status)
    if now is not None and now.status == stack.status:
        raise CannotContinue(
            f"CloudFormation cannot take the last update back: {now.status_reason} "
            "Mend that in the console, then run this again."
        )
    return now


def _is_missing(error: ClientError) -> bool:
    """CloudFormation has no code of its own for it."""
    answer = error.response.get("Error", {})
    return answer.get("Code") == "ValidationError" and "does not exist" in answer.get("Message", "")
