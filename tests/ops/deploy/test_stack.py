"""The stack: what comes next in every state that CloudFormation has, and its events."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from ops.deploy import account as accounts
from ops.deploy import stack as stacks
from ops.deploy.account import Account
from ops.deploy.stack import CloudFormationStack, NextAction, next_action
from ops.errors import CannotContinue
from tests.ops.deploy.conftest import IDS


def stack(status: str) -> CloudFormationStack:
    """A stack in this state."""
    return CloudFormationStack(
        name="zk", id="id", status=status, status_reason="", parameters={}, outputs={}
    )


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("REVIEW_IN_PROGRESS", NextAction.CREATE),
        ("CREATE_IN_PROGRESS", NextAction.WAIT),
        ("CREATE_COMPLETE", NextAction.UPDATE),
        ("CREATE_FAILED", NextAction.DELETE_FAILED_STACK),
        ("ROLLBACK_IN_PROGRESS", NextAction.WAIT),
        ("ROLLBACK_COMPLETE", NextAction.DELETE_FAILED_STACK),
        ("ROLLBACK_FAILED", NextAction.DELETE_FAILED_STACK),
        ("UPDATE_IN_PROGRESS", NextAction.WAIT),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", NextAction.WAIT),
        ("UPDATE_COMPLETE", NextAction.UPDATE),
        ("UPDATE_ROLLBACK_IN_PROGRESS", NextAction.WAIT),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", NextAction.WAIT),
        ("UPDATE_ROLLBACK_COMPLETE", NextAction.UPDATE),
        ("UPDATE_ROLLBACK_FAILED", NextAction.CONTINUE_ROLLBACK),
        ("IMPORT_COMPLETE", NextAction.UPDATE),
        ("IMPORT_ROLLBACK_COMPLETE", NextAction.UPDATE),
        ("DELETE_IN_PROGRESS", NextAction.WAIT),
        ("DELETE_FAILED", NextAction.DELETE_FAILED_STACK),
    ],
)
def test_every_state_has_its_next_action(status: str, action: NextAction) -> None:
    assert next_action(stack(status)) is action


def test_without_a_stack_one_is_created() -> None:
    assert next_action(None) is NextAction.CREATE


def test_a_state_that_apply_never_causes_is_refused() -> None:
    with pytest.raises(CannotContinue, match="UPDATE_FAILED"):
        next_action(stack("UPDATE_FAILED"))


@pytest.mark.parametrize(
    ("status", "was_created"),
    [("CREATE_COMPLETE", True), ("UPDATE_ROLLBACK_FAILED", True), ("ROLLBACK_COMPLETE", False)],
)
def test_only_a_stack_that_was_created_may_hold_data(status: str, was_created: bool) -> None:
    assert stack(status).was_created is was_created


def event(number: int, name: str, status: str, reason: str = "") -> dict[str, Any]:
    """An event of the stack."""
    return {
        "StackId": IDS["StackId"],
        "EventId": str(number),
        "StackName": "zk",
        "LogicalResourceId": name,
        "ResourceType": "AWS::CloudFormation::Stack" if name == "zk" else "AWS::SQS::Queue",
        "Timestamp": datetime(2026, 3, 8, tzinfo=UTC),
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_the_first_failure_is_reported_and_not_what_followed_from_it(
    stubbed: tuple[Account, Stubber],
) -> None:
    account, stubber = stubbed
    lines: list[str] = []
    old = event(1, "Old", "CREATE_FAILED", "of another day")
    stubber.add_response("describe_stack_events", {"StackEvents": [old]})
    fresh = [
        event(6, "A", "DELETE_COMPLETE"),
        event(5, "C", "CREATE_FAILED", "Queue name is taken"),
        event(4, "B", "CREATE_FAILED", "Resource creation cancelled"),
        event(3, "A", "CREATE_COMPLETE"),
        event(2, "zk", "CREATE_IN_PROGRESS", "User Initiated"),
        old,
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": fresh})
    progress = stacks.StackProgress(
        account=account,
        stack_id="zk",
        report=lambda text, done: lines.append(f"{text} ({done})"),
    )

    progress.start()
    before = progress.begun
    progress.update()

    assert (before, progress.begun) == (False, True)
    assert progress.failure == "C (AWS::SQS::Queue): Queue name is taken"
    assert lines == ["A create complete (1)", "something failed: CloudFormation rolls back (1)"]


def test_a_stack_that_is_not_there_is_none(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_client_error(
        "describe_stacks", "ValidationError", "Stack with id zk does not exist"
    )

    assert stacks.find(account, "zk") is None


def test_the_status_of_before_an_operation_is_not_taken_for_its_result(
    stubbed: tuple[Account, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "POLL_SECONDS", 0.0)
    account, stubber = stubbed
    begun = [event(1, "zk", "UPDATE_IN_PROGRESS")]
    answers: list[tuple[list[dict[str, Any]], str]] = [
        ([], "CREATE_COMPLETE"),
        (begun, "UPDATE_IN_PROGRESS"),
        (begun, "UPDATE_COMPLETE"),
    ]
    for events, status in answers:
        described = {"StackName": "zk", "StackId": IDS["StackId"], "StackStatus": status}
        stubber.add_response("describe_stack_events", {"StackEvents": events})
        stubber.add_response(
            "describe_stacks", {"Stacks": [{**described, "CreationTime": datetime.now(UTC)}]}
        )
    stubber.add_response("describe_stack_events", {"StackEvents": begun})
    progress = stacks.StackProgress(account=account, stack_id="zk")

    result = stacks.wait_until_stable(account, "zk", progress)

    assert result is not None
    assert result.status == "UPDATE_COMPLETE"
    stubber.assert_no_pending_responses()
