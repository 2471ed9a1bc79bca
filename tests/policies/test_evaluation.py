"""The evaluation is as strict as IAM: a lenient one would accept every policy."""

from typing import Any

import pytest

from tests.policies.calls import Call, UnknownCall, calls_of
from tests.policies.documents import UnknownTerm, arn, statements_of
from tests.policies.evaluation import allows, unused

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


def test_a_read_of_all_attributes_is_not_one_of_a_few() -> None:
    counting = statement(
        Action=["dynamodb:Query"],
        Condition={
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["state"]},
            "StringEqualsIfExists": {"dynamodb:Select": ["SPECIFIC_ATTRIBUTES"]},
        },
    )

    def reading(*attributes: str) -> Call:
        return call(action="dynamodb:Query", attributes=frozenset(attributes))

    assert allowed(reading("state"), counting)
    assert not allowed(reading("state", "sealed"), counting)
    assert not allowed(reading(), counting)


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
        Condition={"StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"}},
    )

    assert allowed(call(action="dynamodb:UpdateItem"), blind)
    assert not allowed(call(action="dynamodb:UpdateItem", returns="ALL_NEW"), blind)
