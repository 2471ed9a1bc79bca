"""Role boundaries: what no function and no person may do, whatever the code needs.

The other tests follow the code; these are changed by hand.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import boto3
import pytest

from chalicelib.store.secrets import MAILER_PRIVATE_KEY
from ops.local.resources import read_template
from tests.policies.documents import (
    PEOPLE,
    SENDER_ADDRESS,
    Statement,
    arn,
    functions,
    matches,
    policies,
    resolved,
)
from tests.policies.evaluation import SENDER, SENDER_IF_GIVEN

SIGNATURES: Final = arn("dynamodb", "table/zaklik-signatures")
SUBSCRIBERS: Final = arn("dynamodb", "table/zaklik-subscribers")
PETITIONS: Final = arn("dynamodb", "table/zaklik-petitions")
PARTS: Final = ("", "/index/any", "/stream/2026-01-01T00:00:00.000", "/export/any", "/backup/any")
"""The suffixes of a table's ARN and of its readable parts."""
SECRETS: Final = "parameter/zaklik/"
MAILERS: Final = {"send-mail", "run-job"}
LOGICAL_IDS: Final = {
    "web": "APIHandler",
    "send-mail": "SendMail",
    "run-job": "RunJob",
    "record-feedback": "RecordFeedback",
    "tally": "Tally",
    "every-minute": "EveryMinute",
    "reconcile": "Reconcile",
}
"""The logical id of the function of statement policy."""
OUR_SERVICES: Final = {"dynamodb", "sqs", "ssm", "ses", "logs"}
FINDING: Final = {"cloudformation:DescribeStacks", "lambda:GetFunctionConfiguration"}
"""The actions by which people's commands find the service."""
ON_ITEMS: Final = {
    "BatchGetItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
}
STREAM_READS: Final = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
PARTIQL: Final = frozenset({"PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"})
"""Actions of DynamoDB without an operation of their name."""


@cache
def every_dynamodb_action() -> frozenset[str]:
    """Every action on tables that a `*` could grant."""
    actions = PARTIQL
    for service in ("dynamodb", "dynamodbstreams"):
        actions |= frozenset(boto3.client(service).meta.service_model.operation_names)
    return actions


def granted_on(
    statements: Sequence[Statement], table: str, parts: Sequence[str] = PARTS
) -> set[str]:
    """The actions that a policy grants on a table or on a part of it, conditions aside."""
    return {
        action
        for action in every_dynamodb_action()
        for part in parts
        for statement in statements
        if statement.effect == "Allow" and statement.names(f"dynamodb:{action}", table + part)
    }


def reads_secret(statements: Sequence[Statement], name: str) -> bool:
    """Whether a policy names this secret in any statement."""
    return any(
        matches(arn("ssm", SECRETS + name), resource)
        for statement in statements
        for resource in statement.resources
    )


def every_action() -> Iterator[tuple[str, str]]:
    """The name of a policy, and an action as its document grants it."""
    for who, statements in policies().items():
        for statement in statements:
            for action in statement.actions:
                yield who, action


def test_access_to_signatures_is_exactly_this() -> None:
    touching = {
        who: actions
        for who, statements in policies().items()
        if (actions := granted_on(statements, SIGNATURES))
    }

    assert touching == {
        "web": {"BatchGetItem", "PutItem", "UpdateItem"},
        "tally": STREAM_READS,
        "reconcile": {"Query"},
        "exporter": {"Query"},
        "moderator": {"Query", "UpdateItem"},
        "privacy": {"BatchGetItem", "UpdateItem"},
    }


def test_the_web_cannot_list_signatures_or_read_their_stream() -> None:
    web = policies()["web"]

    for part in PARTS:
        assert not granted_on(web, SIGNATURES, [part]) & {"Query", "Scan", "PartiQLSelect"}
    assert not granted_on(web, SIGNATURES, PARTS[1:])


def test_reconciliation_reads_no_sealed_attribute() -> None:
    (counting,) = [
        statement
        for statement in policies()["reconcile"]
        if statement.names("dynamodb:Query", SIGNATURES)
    ]

    assert counting.conditions == {
        ("ForAllValues:StringEquals", "dynamodb:Attributes"): ["country", "pk", "sk", "state"],
        ("StringEqualsIfExists", "dynamodb:Select"): ["SPECIFIC_ATTRIBUTES"],
    }


def test_a_moderator_reads_no_sealed_attribute() -> None:
    (looking,) = [
        statement
        for statement in policies()["moderator"]
        if statement.names("dynamodb:Query", SIGNATURES)
    ]

    (moderating,) = [
        statement
        for statement in policies()["moderator"]
        if statement.names("dynamodb:UpdateItem", SIGNATURES)
    ]

    attributes = looking.conditions["ForAllValues:StringEquals", "dynamodb:Attributes"]
    assert "sealed" not in attributes
    assert looking.conditions["StringEqualsIfExists", "dynamodb:Select"] == ["SPECIFIC_ATTRIBUTES"]
    changed = moderating.conditions["ForAllValues:StringEquals", "dynamodb:Attributes"]
    assert set(changed) == {"pk", "sk", "state", "why", "confirmed_at"}
    assert moderating.conditions["StringEqualsIfExists", "dynamodb:ReturnValues"] == ["NONE"]


def test_no_role_can_scan_or_export_a_table() -> None:
    for who, statements in policies().items():
        for table in (SIGNATURES, SUBSCRIBERS, PETITIONS):
            assert granted_on(statements, table) <= ON_ITEMS | STREAM_READS, who


def test_only_the_mailers_read_the_key_of_addresses() -> None:
    reading = {
        who
        for who, statements in policies().items()
        if reads_secret(statements, MAILER_PRIVATE_KEY)
    }

    assert reading == MAILERS


def test_no_role_can_read_both_signatures_and_addresses() -> None:
    for who, statements in policies().items():
        # An update can return the item, so every action on the table reads.
        signatures = granted_on(statements, SIGNATURES)
        addresses = reads_secret(statements, MAILER_PRIVATE_KEY)

        assert not (signatures and addresses), who


def test_only_alerts_list_subscribers() -> None:
    listing = {
        who
        for who, statements in policies().items()
        if granted_on(statements, SUBSCRIBERS) & {"Query"}
    }

    assert listing == {"run-job"}


def test_only_the_web_adds_a_block_and_only_a_person_removes_one() -> None:
    deleting = {
        who
        for who, statements in policies().items()
        if "DeleteItem" in granted_on(statements, SUBSCRIBERS)
    }
    (lifting,) = [
        statement
        for statement in policies()["privacy"]
        if statement.names("dynamodb:DeleteItem", SUBSCRIBERS)
    ]

    assert deleting == {"privacy"}
    assert lifting.conditions == {
        ("ForAllValues:StringLike", "dynamodb:LeadingKeys"): ["#suppressed#*"]
    }


@pytest.mark.parametrize("secret", ["origin-secret", "any-other"])
def test_no_role_reads_the_origin_secret_or_an_unknown_one(secret: str) -> None:
    assert not [who for who, statements in policies().items() if reads_secret(statements, secret)]


def test_no_role_writes_a_secret_or_reads_secrets_by_a_pattern() -> None:
    assert {action for _, action in every_action() if action.startswith("ssm:")} == {
        "ssm:GetParameters"
    }


def test_no_role_changes_the_stack_roles_or_tables() -> None:
    for who, action in every_action():
        if who in PEOPLE and action in FINDING:
            continue
        service, _, operation = action.partition(":")

        assert service in OUR_SERVICES, (who, action)
        assert service != "dynamodb" or operation in ON_ITEMS | STREAM_READS, (who, action)


def test_the_web_can_send_to_the_mail_queue_but_not_receive() -> None:
    on_queues = {action for who, action in every_action() if (who, action[:4]) == ("web", "sqs:")}

    assert on_queues == {"sqs:SendMessage"}


def test_only_the_mailers_send_mail_and_only_from_the_sender_address() -> None:
    sending = {
        who: [
            statement.conditions.get(SENDER) or statement.conditions.get(SENDER_IF_GIVEN)
            for statement in statements
            if any(action.startswith("ses:") for action in statement.actions)
        ]
        for who, statements in policies().items()
    }

    assert {who for who, senders in sending.items() if senders} == MAILERS
    for who in MAILERS:
        assert sending[who] == [[SENDER_ADDRESS]], who


def test_a_function_reads_exactly_the_secrets_of_its_role_in_one_call() -> None:
    # AWS denies the whole call if one secret is denied.
    for name, statements in functions().items():
        properties = read_template()["Resources"][LOGICAL_IDS[name]]["Properties"]
        variables = properties.get("Environment", {}).get("Variables", {})
        asked = variables.get("ZAKLIK_SECRET_NAMES", "").split(",")
        allowed = [
            resource.rpartition("/")[2]
            for statement in statements
            for resource in statement.resources
            if resource.startswith(arn("ssm", SECRETS))
        ]

        assert sorted(asked) == sorted(allowed or [""]), name


def test_a_function_logs_to_its_own_log_group() -> None:
    resources = read_template()["Resources"]
    for name, statements in functions().items():
        group = resources[LOGICAL_IDS[name]]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        path = resolved(resources[group]["Properties"]["LogGroupName"])
        stream = arn("logs", f"log-group:{path}:log-stream:any")

        assert any(statement.names("logs:PutLogEvents", stream) for statement in statements)


def test_no_other_role_of_the_template_has_its_own_policy() -> None:
    # Chalice makes the roles of functions from the tested documents.
    roles = {
        name: resource["Properties"]
        for name, resource in read_template()["Resources"].items()
        if resource.get("Type") == "AWS::IAM::Role"
    }

    assert roles.keys() == {"ApiLogRole"}
    assert "Policies" not in roles["ApiLogRole"]
    (managed,) = roles["ApiLogRole"]["ManagedPolicyArns"]
    assert resolved(managed).endswith("/AmazonAPIGatewayPushToCloudWatchLogs")
