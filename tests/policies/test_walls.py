"""The walls between roles: what nobody may do, however convenient it would be one day.

The other tests follow the code; these do not. Whoever takes a wall down does it here, in the open.
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
from tests.policies.evaluation import SENDER, SENDER_IF_TOLD

SIGNATURES: Final = arn("dynamodb", "table/zaklik-signatures")
SUBSCRIBERS: Final = arn("dynamodb", "table/zaklik-subscribers")
DESK: Final = arn("dynamodb", "table/zaklik-petitions")
PARTS: Final = ("", "/index/any", "/stream/2026-01-01T00:00:00.000", "/export/any", "/backup/any")
"""A table, and what hangs on it and can be read as well."""
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
"""What the template calls the function of each policy."""
OUR_SERVICES: Final = {"dynamodb", "sqs", "ssm", "ses", "logs"}
FINDING: Final = {"cloudformation:DescribeStacks", "lambda:GetFunctionConfiguration"}
"""How people's commands find the service; it changes nothing and shows no secret."""
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
"""Actions of DynamoDB that no operation is named after."""


@cache
def every_dynamodb_action() -> frozenset[str]:
    """Every action on tables that there is, and that a `*` could grant."""
    known = PARTIQL
    for service in ("dynamodb", "dynamodbstreams"):
        known |= frozenset(boto3.client(service).meta.service_model.operation_names)
    return known


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
    """Whether a policy lets this secret be read, by whatever action."""
    return any(
        matches(arn("ssm", SECRETS + name), resource)
        for statement in statements
        for resource in statement.resources
    )


def every_action() -> Iterator[tuple[str, str]]:
    """Who, and an action that is granted to them as it is written."""
    for who, statements in policies().items():
        for statement in statements:
            for action in statement.actions:
                yield who, action


def test_only_these_touch_signatures_and_only_so() -> None:
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
        "judge": {"Query", "UpdateItem"},
        "privacy": {"BatchGetItem", "UpdateItem"},
    }


def test_the_web_can_list_no_signatures_nor_any_index_or_stream_of_them() -> None:
    web = policies()["web"]

    for part in PARTS:
        assert not granted_on(web, SIGNATURES, [part]) & {"Query", "Scan", "PartiQLSelect"}
    assert not granted_on(web, SIGNATURES, PARTS[1:])


def test_the_reconciler_counts_signatures_without_reading_what_is_sealed() -> None:
    (counting,) = [
        each for each in policies()["reconcile"] if each.names("dynamodb:Query", SIGNATURES)
    ]

    assert counting.conditions == {
        ("ForAllValues:StringEquals", "dynamodb:Attributes"): ["country", "pk", "sk", "state"],
        ("StringEqualsIfExists", "dynamodb:Select"): ["SPECIFIC_ATTRIBUTES"],
    }


def test_a_judge_looks_through_signatures_without_reading_what_is_sealed() -> None:
    (looking,) = [each for each in policies()["judge"] if each.names("dynamodb:Query", SIGNATURES)]

    (judging,) = [
        each for each in policies()["judge"] if each.names("dynamodb:UpdateItem", SIGNATURES)
    ]

    attributes = looking.conditions["ForAllValues:StringEquals", "dynamodb:Attributes"]
    assert "sealed" not in attributes
    assert looking.conditions["StringEqualsIfExists", "dynamodb:Select"] == ["SPECIFIC_ATTRIBUTES"]
    changed = judging.conditions["ForAllValues:StringEquals", "dynamodb:Attributes"]
    assert set(changed) == {"pk", "sk", "state", "why", "confirmed_at"}
    assert judging.conditions["StringEqualsIfExists", "dynamodb:ReturnValues"] == ["NONE"]


def test_nobody_scans_or_takes_a_whole_table() -> None:
    for who, statements in policies().items():
        for table in (SIGNATURES, SUBSCRIBERS, DESK):
            assert granted_on(statements, table) <= ON_ITEMS | STREAM_READS, who


def test_only_the_mailers_can_open_addresses() -> None:
    reading = {
        who
        for who, statements in policies().items()
        if reads_secret(statements, MAILER_PRIVATE_KEY)
    }

    assert reading == MAILERS


def test_no_role_can_read_both_signatures_and_addresses() -> None:
    for who, statements in policies().items():
        # An update answers with the item, so any action on the table is a reading one.
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


def test_only_the_web_sets_a_block_and_only_a_person_lifts_one() -> None:
    deleting = {
        who
        for who, statements in policies().items()
        if "DeleteItem" in granted_on(statements, SUBSCRIBERS)
    }
    (lifting,) = [
        each for each in policies()["privacy"] if each.names("dynamodb:DeleteItem", SUBSCRIBERS)
    ]

    assert deleting == {"privacy"}
    assert lifting.conditions == {
        ("ForAllValues:StringLike", "dynamodb:LeadingKeys"): ["#suppressed#*"]
    }


@pytest.mark.parametrize("secret", ["origin-secret", "any-other"])
def test_nobody_reads_the_origin_secret_or_one_that_nobody_thought_of(secret: str) -> None:
    assert not [who for who, statements in policies().items() if reads_secret(statements, secret)]


def test_nobody_writes_a_secret_or_reads_one_that_it_does_not_name() -> None:
    assert {action for _, action in every_action() if action.startswith("ssm:")} == {
        "ssm:GetParameters"
    }


def test_nobody_changes_the_stack_its_roles_or_its_tables() -> None:
    for who, action in every_action():
        if who in PEOPLE and action in FINDING:
            continue
        service, _, operation = action.partition(":")

        assert service in OUR_SERVICES, (who, action)
        assert service != "dynamodb" or operation in ON_ITEMS | STREAM_READS, (who, action)


def test_the_web_can_put_a_mail_on_its_queue_but_not_take_one_off() -> None:
    on_queues = {action for who, action in every_action() if (who, action[:4]) == ("web", "sqs:")}

    assert on_queues == {"sqs:SendMessage"}


def test_only_the_mailers_send_mail_and_only_as_the_desk() -> None:
    sending = {
        who: [
            each.conditions.get(SENDER) or each.conditions.get(SENDER_IF_TOLD)
            for each in statements
            if any(action.startswith("ses:") for action in each.actions)
        ]
        for who, statements in policies().items()
    }

    assert {who for who, senders in sending.items() if senders} == MAILERS
    for who in MAILERS:
        assert sending[who] == [[SENDER_ADDRESS]], who


def test_a_function_asks_at_once_for_the_secrets_that_its_role_may_read_and_no_other() -> None:
    # AWS refuses the whole call if one of them may not be read.
    for name, statements in functions().items():
        properties = read_template()["Resources"][LOGICAL_IDS[name]]["Properties"]
        variables = properties.get("Environment", {}).get("Variables", {})
        asked = variables.get("ZAKLIK_SECRET_NAMES", "").split(",")
        allowed = [
            resource.rpartition("/")[2]
            for each in statements
            for resource in each.resources
            if resource.startswith(arn("ssm", SECRETS))
        ]

        assert sorted(asked) == sorted(allowed or [""]), name


def test_logs_go_to_the_group_that_the_template_gives_the_function() -> None:
    resources = read_template()["Resources"]
    for name, statements in functions().items():
        group = resources[LOGICAL_IDS[name]]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        path = resolved(resources[group]["Properties"]["LogGroupName"])
        stream = arn("logs", f"log-group:{path}:log-stream:any")

        assert any(each.names("logs:PutLogEvents", stream) for each in statements)


def test_no_other_role_of_the_template_has_a_policy_of_its_own() -> None:
    # Roles of functions come from Chalice, with the documents that the other tests read.
    roles = {
        name: resource["Properties"]
        for name, resource in read_template()["Resources"].items()
        if resource.get("Type") == "AWS::IAM::Role"
    }

    assert roles.keys() == {"ApiLogRole"}
    assert "Policies" not in roles["ApiLogRole"]
    (managed,) = roles["ApiLogRole"]["ManagedPolicyArns"]
    assert resolved(managed).endswith("/AmazonAPIGatewayPushToCloudWatchLogs")
