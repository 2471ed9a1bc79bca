"""The evaluation is as strict as IAM: a lenient one would accept every policy."""

from typing import Any

import pytest

from tests.policies.calls import Call, UnknownCall, calls_of
from tests.policies.documents import UnknownTerm, arn, statements_of
from tests.policies.evaluation import allows, holds, unused

TABLE = arn("dynamodb", "table/zaklik-petitions")


def statement(**changes: Any) -> dict[str, Any]:
    """A statement that allows reading petitions."""
    return {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem"],
        "Resource": TABLE,
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["petition"]}},
        **changes,
    }


def call(**changes: Any) -> Call:
    """A read of a petition."""
    values = {
        "action": "dynamodb:GetItem",
        "resource": TABLE,
        "keys": frozenset({"petition"}),
    }
    return Call(**{**values, **changes})


def allowed(checked: Call, *statements: dict[str, Any]) -> bool:
    """The result of the evaluation."""
    return allows(statements_of({"Statement": list(statements)}), checked)


def test_only_the_statement_is_allowed() -> None:
    assert allowed(call(), statement())
    assert not allowed(call())
    assert not allowed(call(action="dynamodb:Query"), statement())
    assert not allowed(call(resource=f"{TABLE}/index/any"), statement())
    assert not allowed(call(keys=frozenset({"petition#a"})), statement())


def test_every_key_must_match() -> None:
    assert not allowed(call(keys=frozenset({"petition", "tally"})), statement())


def test_a_denial_outweighs_an_allowance() -> None:
    assert not allowed(call(), statement(), statement(Effect="Deny"))


def test_statements_for_lambda_do_not_apply_to_the_function() -> None:
    assert not allowed(call(), statement(Sid="LambdaItselfReads"))


def reading(*attributes: str, action: str = "Query") -> Call:
    """A read of these attributes, of all without any, as DynamoDB hands it to IAM."""
    request: dict[str, Any] = {"TableName": "zaklik-petitions"}
    if attributes:
        request["ProjectionExpression"] = ", ".join(attributes)
    if action == "Query":
        request["KeyConditionExpression"] = "pk = :pk"
        request["ExpressionAttributeValues"] = {":pk": {"S": "petition"}}
    else:
        request["Key"] = {"pk": {"S": "petition"}, "sk": {"S": "a"}}
    (checked,) = calls_of("dynamodb", action, request)
    return checked


NAMED = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "state"]}}
GIVEN = {"Null": {"dynamodb:Attributes": "false"}}


@pytest.mark.parametrize("action", ["Query", "GetItem"])
def test_a_read_of_named_attributes_names_the_keys_too(action: str) -> None:
    narrow = statement(Action=[f"dynamodb:{action}"], Condition={**NAMED, **GIVEN})
    keyless = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["state"]}}

    assert allowed(reading("state", action=action), narrow)
    assert not allowed(reading("state", "sealed", action=action), narrow)
    assert not allowed(
        reading("state", action=action),
        statement(Action=[f"dynamodb:{action}"], Condition=keyless),
    )


@pytest.mark.parametrize("action", ["Query", "GetItem"])
def test_only_null_stops_a_read_of_all_attributes(action: str) -> None:
    actions = [f"dynamodb:{action}"]

    assert allowed(reading(action=action), statement(Action=actions, Condition=NAMED))
    assert not allowed(
        reading(action=action), statement(Action=actions, Condition={**NAMED, **GIVEN})
    )


def test_a_query_has_a_select_and_another_read_has_none() -> None:
    chosen = {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    strict = statement(
        Action=["dynamodb:Query", "dynamodb:GetItem"], Condition={"StringEquals": chosen}
    )
    lenient = {**strict, "Condition": {"StringEqualsIfExists": chosen}}

    assert allowed(reading("state"), strict)
    assert not allowed(reading(), strict)
    assert not allowed(reading("state", action="GetItem"), strict)
    assert allowed(reading("state", action="GetItem"), lenient)


def test_a_key_that_must_not_match_is_refused() -> None:
    others = statement(Condition={"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["#*"]}})

    assert allowed(call(), others)
    assert not allowed(call(keys=frozenset({"petition", "#suppressed#3"})), others)


@pytest.mark.parametrize(
    ("operator", "result"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotLike", True),
    ],
)
def test_an_absent_key_passes_only_what_aws_says(operator: str, result: bool) -> None:
    assert holds(operator, frozenset(), ["value"]) is result


def test_null_asks_whether_a_key_is_absent() -> None:
    assert holds("Null", frozenset(), ["true"])
    assert holds("Null", frozenset({"value"}), ["false"])
    assert not holds("Null", frozenset(), ["false"])
    assert not holds("Null", frozenset({"value"}), ["true"])


def test_unsupported_conditions_and_terms_are_refused() -> None:
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(NotAction="dynamodb:Scan"))
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(Resource={"Fn::ImportValue": "other"}))


def test_unused_grants_are_named_down_to_the_key() -> None:
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["petition", "tally"]}}
    wide = statement(Action=["dynamodb:GetItem", "dynamodb:Query"], Condition=keys)

    grants = unused(statements_of({"Statement": [wide]}), {call()})

    assert grants == [
        f"Read: dynamodb:GetItem on {TABLE} under tally",
        f"Read: dynamodb:Query on {TABLE}",
        f"Read: dynamodb:Query on {TABLE} under petition",
        f"Read: dynamodb:Query on {TABLE} under tally",
    ]


def test_a_transaction_is_checked_element_by_element() -> None:
    key = {"pk": {"S": "alerts"}, "sk": {"S": "a"}}
    on = {"TableName": "zaklik-petitions"}
    items = [{"Put": {**on, "Item": key}}, {"ConditionCheck": {**on, "Key": key}}]

    checks = list(calls_of("dynamodb", "TransactWriteItems", {"TransactItems": items}))

    assert [check.action for check in checks] == ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]
    assert {check.keys for check in checks} == {frozenset({"alerts"})}


def test_an_unknown_call_stops_the_recording() -> None:
    with pytest.raises(UnknownCall):
        list(calls_of("dynamodb", "Scan", {"TableName": "zaklik-petitions"}))


def test_a_batch_of_messages_needs_the_permission_of_one() -> None:
    (checked,) = calls_of(
        "sqs", "SendMessageBatch", {"QueueUrl": "https://sqs/zaklik-changes.fifo"}
    )

    assert checked == Call(action="sqs:SendMessage", resource=arn("sqs", "zaklik-changes.fifo"))


def test_an_update_has_its_attributes_and_return_values() -> None:
    change = {
        "TableName": "zaklik-signatures",
        "Key": {"pk": {"S": "a#3f"}, "sk": {"S": "3f"}},
        "UpdateExpression": "SET #state = :held, why = :why REMOVE signals",
        "ConditionExpression": "#state IN (:one, :two) AND begins_with(fence, :fence)",
        "ExpressionAttributeNames": {"#state": "state"},
        "ReturnValues": "NONE",
    }

    (quiet,) = calls_of("dynamodb", "UpdateItem", change)
    (loud,) = calls_of("dynamodb", "UpdateItem", {**change, "ReturnValues": "ALL_NEW"})
    (failing,) = calls_of(
        "dynamodb", "UpdateItem", {**change, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    )

    assert quiet.attributes == {"pk", "sk", "state", "why", "signals", "fence"}
    assert [check.returns for check in (quiet, loud, failing)] == ["NONE", "ALL_NEW", "ALL_OLD"]


def test_an_update_that_returns_the_item_is_not_a_blind_one() -> None:
    blind = statement(
        Action=["dynamodb:UpdateItem"],
        Condition={"StringEquals": {"dynamodb:ReturnValues": "NONE"}},
    )

    assert allowed(call(action="dynamodb:UpdateItem", returns="NONE"), blind)
    assert not allowed(call(action="dynamodb:UpdateItem", returns="ALL_NEW"), blind)


def test_an_unused_attribute_is_named() -> None:
    wide = statement(Action=["dynamodb:Query"], Condition={**NAMED, **GIVEN})

    grants = unused(statements_of({"Statement": [wide]}), {reading("pk")})

    assert grants == ["Read: attribute state"]
