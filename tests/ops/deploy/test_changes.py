"""A change set in plain words: counted, and loud where something goes."""

from typing import Any

import pytest

from ops.deploy.changes import Effect, in_words, read_changes, warnings


def described(name: str, kind: str, action: str = "Add", **more: str) -> dict[str, Any]:
    """A change as DescribeChangeSet tells it."""
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action, "LogicalResourceId": name, "ResourceType": kind, **more
        },
    }  # fmt: skip


def test_what_is_made_is_counted_by_its_human_name() -> None:
    changes = read_changes(
        [
            described("A", "AWS::DynamoDB::Table"),
            described("B", "AWS::DynamoDB::Table"),
            described("C", "AWS::SES::EmailIdentity"),
            described("D", "AWS::New::Thing"),
        ]
    )

    assert in_words(changes) == ["made: 1 Thing, 1 mail identity, 2 tables"]
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


def test_a_table_that_goes_is_named_and_its_data_is_spoken_of() -> None:
    changes = read_changes([described("SignaturesTable", "AWS::DynamoDB::Table", "Remove")])

    [words] = warnings(changes)
    assert "SignaturesTable (table) will be REMOVED" in words
    assert "kept" in words
    assert changes[0].is_loud


def test_a_table_that_may_be_replaced_is_named() -> None:
    change = described(
        "PetitionsTable", "AWS::DynamoDB::Table", "Modify", Replacement="Conditional"
    )

    assert "may be replaced" in warnings(read_changes([change]))[0]


def test_what_every_deployment_makes_anew_is_not_loud() -> None:
    [change] = read_changes([described("D1", "AWS::ApiGateway::Deployment", "Remove")])

    assert not change.is_loud
    assert warnings([change]) == []
