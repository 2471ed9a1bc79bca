"""Change sets as botocore hands them over: created, counted, and named where approval is needed."""

from typing import Any

import pytest
from botocore.stub import Stubber

from ops.deploy import change_sets
from ops.deploy.account import Account
from ops.deploy.change_sets import Effect, read_changes, summary, warnings
from ops.deploy.stack import NextAction
from ops.errors import CannotContinue
from tests.ops.deploy.conftest import IDS


def create(account: Account) -> change_sets.ChangeSet | None:
    return change_sets.create(
        account, "zk", NextAction.CREATE, template_url="https://s3.example/t", parameters={}
    )


def test_no_change_is_none_and_the_change_set_goes(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    reason = "The submitted information didn't contain changes. Submit different information"
    stubber.add_response("describe_change_set", {**IDS, "Status": "FAILED", "StatusReason": reason})
    stubber.add_response("delete_change_set", {})

    assert create(account) is None
    stubber.assert_no_pending_responses()


def test_a_fault_of_the_template_is_reported(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    reason = "Transform AWS::Serverless-2016-10-31 failed with: Resource [A] is invalid."
    stubber.add_response("describe_change_set", {**IDS, "Status": "FAILED", "StatusReason": reason})
    stubber.add_response("delete_change_set", {})

    with pytest.raises(CannotContinue, match=r"Resource \[A\] is invalid"):
        create(account)


def test_a_template_that_is_refused_at_once_is_reported(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed
    stubber.add_client_error("create_change_set", "ValidationError", "Parameters: [X] do not exist")

    with pytest.raises(CannotContinue, match="do not exist"):
        create(account)


def test_every_page_of_changes_is_read(stubbed: tuple[Account, Stubber]) -> None:
    account, stubber = stubbed

    def page(name: str, **more: Any) -> dict[str, Any]:
        change = {"Action": "Add", "LogicalResourceId": name, "ResourceType": "AWS::SQS::Queue"}
        changes = [{"Type": "Resource", "ResourceChange": change}]
        return {**IDS, "Status": "CREATE_COMPLETE", "Changes": changes, **more}

    stubber.add_response("create_change_set", {"Id": IDS["ChangeSetId"], "StackId": IDS["StackId"]})
    stubber.add_response("describe_change_set", {**IDS, "Status": "CREATE_COMPLETE"})
    stubber.add_response("describe_change_set", page("A", NextToken="more"))
    stubber.add_response("describe_change_set", page("B"))

    change_set = create(account)

    assert change_set is not None
    assert [change.name for change in change_set.changes] == ["A", "B"]


def described(name: str, kind: str, action: str = "Add", **more: str) -> dict[str, Any]:
    """A change as DescribeChangeSet tells it."""
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action, "LogicalResourceId": name, "ResourceType": kind, **more
        },
    }  # fmt: skip


def test_resources_are_counted_by_aws_own_words() -> None:
    changes = read_changes(
        [
            described("A", "AWS::DynamoDB::Table"),
            described("B", "AWS::DynamoDB::Table"),
            described("C", "AWS::SES::EmailIdentity"),
            described("D", "AWS::New::Thing"),
        ]
    )

    assert summary(changes) == ["made: 1 email identity (SES), 2 tables (DynamoDB), 1 thing (New)"]
    assert warnings(changes) == []


@pytest.mark.parametrize(
    ("action", "replacement", "effect"),
    [
        ("Add", "", Effect.MADE),
        ("Import", "", Effect.MADE),
        ("Modify", "False", Effect.CHANGED),
        ("Modify", "Conditional", Effect.CHANGED),
        ("Modify", "True", Effect.REPLACED),
        ("Remove", "", Effect.REMOVED),
    ],
)
def test_every_action_has_its_effect(action: str, replacement: str, effect: Effect) -> None:
    [change] = read_changes(
        [described("A", "AWS::SQS::Queue", action, Replacement=replacement or "False")]
    )

    assert change.effect is effect


def test_a_removed_table_is_named_with_what_becomes_of_its_data() -> None:
    changes = read_changes([described("SignaturesTable", "AWS::DynamoDB::Table", "Remove")])

    [words] = warnings(changes)
    assert "SignaturesTable (table) will be REMOVED" in words
    assert "kept" in words
    assert changes[0].needs_approval


def test_a_table_that_may_be_replaced_is_named() -> None:
    change = described(
        "PetitionsTable", "AWS::DynamoDB::Table", "Modify", Replacement="Conditional"
    )

    assert "may be replaced" in warnings(read_changes([change]))[0]


def test_what_every_deployment_replaces_needs_no_approval() -> None:
    [change] = read_changes([described("D1", "AWS::ApiGateway::Deployment", "Remove")])

    assert not change.needs_approval
    assert warnings([change]) == []
