"""The judge must be as strict as IAM: a lenient one would find every policy good."""

from typing import Any

import pytest

from tests.policies.calls import Call, UnknownCall, calls_of
from tests.policies.documents import UnknownTerm, arn, statements_of
from tests.policies.evaluation import allows, unused

TABLE = arn("dynamodb", "table/zaklik-petitions")


def statement(**changes: Any) -> dict[str, Any]:
    """Leave to read the petitions."""
    return {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem"],
        "Resource": TABLE,
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["petition"]}},
        **changes,
    }


def call(**changes: Any) -> Call:
    """A reading of a petition."""
    given = {
        "action": "dynamodb:GetItem",
        "resource": TABLE,
        "keys": frozenset({"petition"}),
    }
    return Call(**{**given, **changes})


def allowed(asked: Call, *statements: dict[str, Any]) -> bool:
    """What the judge says."""
    return allows(statements_of({"Statement": list(statements)}), asked)


def test_what_a_statement_says_is_allowed_and_nothing_else() -> None:
    assert allowed(call(), statement())
    assert not allowed(call())
    assert not allowed(call(action="dynamodb:Query"), statement())
    assert not allowed(call(resource=f"{TABLE}/index/any"), statement())
    assert not allowed(call(keys=frozenset({"petition#a"})), statement())


def test_every_key_must_fit_not_only_one() -> None:
    assert not allowed(call(keys=frozenset({"petition", "tally"})), statement())


def test_a_denial_outweighs_what_is_allowed() -> None:
    assert not allowed(call(), statement(), statement(Effect="Deny"))


def test_what_lambda_is_granted_is_not_granted_to_our_code() -> None:
    assert not allowed(call(), statement(Sid="LambdaItselfReads"))


def test_a_reading_of_all_attributes_does_not_pass_for_one_of_a_few() -> None:
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


def test_conditions_and_terms_that_are_not_understood_are_refused() -> None:
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(NotAction="dynamodb:Scan"))
    with pytest.raises(UnknownTerm):
        allowed(call(), statement(Resource={"Fn::ImportValue": "other"}))


def test_what_is_granted_and_not_used_is_named_down_to_the_key() -> None:
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["petition", "tally"]}}
    wide = statement(Action=["dynamodb:GetItem", "dynamodb:Query"], Condition=keys)

    found = unused(statements_of({"Statement": [wide]}), {call()})

    assert found == [
        f"Read: dynamodb:GetItem on {TABLE} under tally",
        f"Read: dynamodb:Query on {TABLE}",
        f"Read: dynamodb:Query on {TABLE} under petition",
        f"Read: dynamodb:Query on {TABLE} under tally",
    ]


def test_a_transaction_is_checked_element_by_element() -> None:
    key = {"pk": {"S": "alerts"}, "sk": {"S": "a"}}
    on = {"TableName": "zaklik-petitions"}
    items = [{"Put": {**on, "Item": key}}, {"ConditionCheck": {**on, "Key": key}}]

    found = list(calls_of("dynamodb", "TransactWriteItems", {"TransactItems": items}))

    assert [each.action for each in found] == ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]
    assert {each.keys for each in found} == {frozenset({"alerts"})}


def test_a_call_that_nobody_has_thought_of_stops_the_recording() -> None:
    with pytest.raises(UnknownCall):
        list(calls_of("dynamodb", "Scan", {"TableName": "zaklik-petitions"}))


def test_an_update_names_what_it_changes_and_answers_with_what_it_says() -> None:
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
    assert [each.returns for each in (quiet, loud, failing)] == ["NONE", "ALL_NEW", "ALL_OLD"]


def test_an_update_that_answers_with_the_item_does_not_pass_for_a_blind_one() -> None:
    blind = statement(
        Action=["dynamodb:UpdateItem"],
        Condition={"StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"}},
    )

    assert allowed(call(action="dynamodb:UpdateItem"), blind)
    assert not allowed(call(action="dynamodb:UpdateItem", returns="ALL_NEW"), blind)
