"""What CloudFormation says of a change set, as botocore hands it over."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deploy import change_sets, stacks, watching
from ops.deploy.account import Account
from ops.deploy.stacks import Move
from ops.errors import CannotContinue

ARN = "arn:aws:cloudformation:eu-central-1:123456789012"
IDS: dict[str, Any] = {"ChangeSetId": f"{ARN}:changeSet/c", "StackId": f"{ARN}:stack/zk/1"}


@pytest.fixture
def stubbed() -> tuple[Account, Stubber]:
    """An account whose CloudFormation says what it is told to say."""
    account = Account(region="eu-central-1")
    client = boto3.client("cloudformation", region_name="eu-central-1")
    account.__dict__["cloudformation"] = client
    stubber = Stubber(client)
    stubber.activate()
    return account, stubber


def make(account: Account) -> change_sets.ChangeSet | None:
    return change_sets.make(
        account, "zk", Move.CREATE, template_url="https://s3.example/t", parameters={}
    )


def test_no_change_is_none_and_the_change_set_goes(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    reason = "The submitted information didn't contain changes. Submit different information"
    stubber.add_response("describe_change_set", {**IDS, "Status": "FAILED", "StatusReason": reason})
    stubber.add_response("delete_change_set", {})

    assert make(account) is None
    stubber.assert_no_pending_responses()


def test_a_fault_of_the_template_is_told(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    reason = "Transform AWS::Serverless-2016-10-31 failed with: Resource [A] is invalid."
    stubber.add_response("describe_change_set", {**IDS, "Status": "FAILED", "StatusReason": reason})
    stubber.add_response("delete_change_set", {})

    with pytest.raises(CannotContinue, match=r"Resource \[A\] is invalid"):
        make(account)


def test_a_template_that_is_refused_at_once_is_told(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_client_error("create_change_set", "ValidationError", "Parameters: [X] do not exist")

    with pytest.raises(CannotContinue, match="do not exist"):
        make(account)


def test_every_page_of_changes_is_read(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed

    def page(name: str, **more: Any) -> dict[str, Any]:
        change = {"Action": "Add", "LogicalResourceId": name, "ResourceType": "AWS::SQS::Queue"}
        changes = [{"Type": "Resource", "ResourceChange": change}]
        return {**IDS, "Status": "CREATE_COMPLETE", "Changes": changes, **more}

    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    stubber.add_response("describe_change_set", page("A", NextToken="more"))
    stubber.add_response("describe_change_set", page("B"))

    made = make(account)

    assert made is not None
    assert [change.name for change in made.changes] == ["A", "B"]


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


def test_the_first_failure_is_told_and_not_what_followed_from_it(
    stubbed: tuple[Account, Stubber],
) -> None:
    account, stubber = stubbed
    told: list[str] = []
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
    watch = watching.Watch(
        account=account, stack_id="zk", tell=lambda words, done: told.append(f"{words} ({done})")
    )

    watch.begin()
    before = watch.begun
    watch.look()

    assert (before, watch.begun) == (False, True)
    assert watch.failure == "C (AWS::SQS::Queue): Queue name is taken"
    assert told == ["A is made (1)", "something failed: CloudFormation is taking it back (1)"]


def test_a_stack_that_is_not_there_is_none(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_client_error(
        "describe_stacks", "ValidationError", "Stack with id zk does not exist"
    )

    assert stacks.find(account, "zk") is None
