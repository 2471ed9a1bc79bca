"""Role boundaries: what no function and no person may do, whatever the code needs.

The other tests follow the code; these are changed by hand.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import boto3
import pytest

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.store.secrets import (
    ATTESTATION_KEYS,
    ATTESTATION_PUBLIC_KEYS,
    DATA_REQUEST_KEYS,
    EXPORT_KEYS,
    EXPORT_PUBLIC_KEYS,
    INDEX_KEYS,
    JOB_KEYS,
    LIMIT_PEPPERS,
    MAILER_PRIVATE_KEYS,
    MAILER_PUBLIC_KEYS,
    PERMANENT_TOKEN_KEYS,
    TOKEN_KEYS,
)
from ops.local.resources import read_template
from ops.secrets.inventory import NAMES_A_CALL, SECRET_NAMES
from tests.policies.documents import (
    LOGICAL_IDS,
    PEOPLE,
    SENDER_ADDRESS,
    Statement,
    arn,
    functions,
    matches,
    policies,
    resolved,
)
from tests.policies.evaluation import (
    ATTRIBUTES,
    LEADING_KEYS,
    OTHER_LEADING_KEYS,
    RETURNS,
    RETURNS_IF_GIVEN,
    SELECT,
    SENDER,
    SENDER_IF_GIVEN,
)
from tests.world import World

SIGNATURES: Final = arn("dynamodb", "table/zaklik-signatures")
SUBSCRIBERS: Final = arn("dynamodb", "table/zaklik-subscribers")
PETITIONS: Final = arn("dynamodb", "table/zaklik-petitions")
ORGANISERS: Final = arn("dynamodb", "table/zaklik-organisers")
LIMITS: Final = arn("dynamodb", "table/zaklik-limits")
PARTS: Final = ("", "/index/any", "/stream/2026-01-01T00:00:00.000", "/export/any", "/backup/any")
"""The suffixes of a table's ARN and of its readable parts."""
SECRETS: Final = "parameter/zaklik/"
MAILERS: Final = {"send-mail", "run-job"}
OUR_SERVICES: Final = {"dynamodb", "sqs", "ssm", "ses", "s3", "logs"}
FINDING: Final = {"cloudformation:DescribeStacks", "lambda:GetFunctionConfiguration"}
"""The actions by which people's commands find the service."""
ON_ITEMS: Final = {
    "BatchGetItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
}
READS: Final = {"BatchGetItem", "GetItem", "Query"}
SEALED: Final = {"sealed", "sealed_address"}
STREAM_READS: Final = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
PARTIQL: Final = frozenset({"PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"})
WITHOUT_OPERATION: Final = PARTIQL | {"ConditionCheckItem"}
"""Actions of DynamoDB without an operation of their name."""


@cache
def every_dynamodb_action() -> frozenset[str]:
    """Every action on tables that a `*` could grant."""
    actions = WITHOUT_OPERATION
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
        if any(action.startswith("ssm:") for action in statement.actions)
        for resource in statement.resources
    )


def every_action() -> Iterator[tuple[str, str]]:
    """The name of a policy, and an action as its document grants it."""
    for who, statements in policies().items():
        for statement in statements:
            for action in statement.actions:
                yield who, action


def statements_on(who: str, table: str, actions: set[str]) -> list[Statement]:
    """The statements of a policy that grant one of these actions on a table."""
    return [
        statement
        for statement in policies()[who]
        if any(statement.names(f"dynamodb:{action}", table) for action in actions)
    ]


def test_access_to_signatures_is_exactly_this() -> None:
    touching = {
        who: actions
        for who, statements in policies().items()
        if (actions := granted_on(statements, SIGNATURES))
    }

    assert touching == {
        "web": {"BatchGetItem", "PutItem", "UpdateItem"},
        "change-records": {"DeleteItem", "Query", "UpdateItem"},
        "run-export": {"Query"},
        "tally": STREAM_READS,
        "reconcile": {"Query"},
        "moderator": {"BatchGetItem", "Query"},
        "privacy": {"BatchGetItem"},
    }


def test_access_to_subscribers_is_exactly_this() -> None:
    touching = {
        who: actions
        for who, statements in policies().items()
        if (actions := granted_on(statements, SUBSCRIBERS))
    }

    assert touching == {
        "web": {"BatchGetItem", "PutItem", "UpdateItem"},
        "change-records": {"DeleteItem", "Query", "UpdateItem"},
        "reconcile": {"Query"},
        "run-job": {"BatchGetItem", "Query", "UpdateItem"},
        "record-feedback": {"PutItem", "UpdateItem"},
        "privacy": {"BatchGetItem"},
        "moderator": {"Query"},
        "publisher": {"Query"},
    }


def test_bulk_moderation_reads_no_seal() -> None:
    (statement,) = statements_on("change-records", SIGNATURES, {"Query"})

    assert "sealed" not in statement.conditions[ATTRIBUTES]
    assert statement.conditions["StringEquals", "dynamodb:Select"] == ["SPECIFIC_ATTRIBUTES"]


def test_feedback_writes_suppressions_and_reads_nothing() -> None:
    for statement in statements_on("record-feedback", SUBSCRIBERS, ON_ITEMS):
        assert list(statement.conditions[LEADING_KEYS]) == ["#suppressed#*"]
    for table in (SIGNATURES, SUBSCRIBERS, PETITIONS):
        assert not granted_on(policies()["record-feedback"], table) & READS


def test_no_person_writes_a_record_of_a_person() -> None:
    for who in PEOPLE:
        for table in (SIGNATURES, SUBSCRIBERS):
            assert granted_on(policies()[who], table) <= READS, who


def test_the_web_cannot_list_signatures_or_read_their_stream() -> None:
    web = policies()["web"]

    for part in PARTS:
        assert not granted_on(web, SIGNATURES, [part]) & {"Query", "Scan", "PartiQLSelect"}
    assert not granted_on(web, SIGNATURES, PARTS[1:])


def test_the_web_reads_public_figures_and_no_exact_ones() -> None:
    found = {
        action: set(statement.conditions[ATTRIBUTES])
        for statement in statements_on("web", PETITIONS, ON_ITEMS)
        if any(matches("tally", key) for key in statement.conditions[LEADING_KEYS])
        for action in statement.actions
    }

    assert found == {
        "dynamodb:GetItem": {"pk", "sk", "public_count", "public_countries"},
        "dynamodb:Query": {"pk", "sk", "public_count"},
    }


def test_the_clock_writes_public_figures_and_no_exact_ones() -> None:
    for statement in statements_on("every-minute", PETITIONS, ON_ITEMS - READS):
        if any(matches("tally", key) for key in statement.conditions[LEADING_KEYS]):
            assert statement.actions == ["dynamodb:UpdateItem"]
            assert {name.partition("_")[0] for name in statement.conditions[ATTRIBUTES]} == {
                "pk",
                "sk",
                "public",
            }


def test_only_the_function_of_exports_reads_seals_and_only_alerts_read_sealed_addresses() -> None:
    for who in policies():
        for table in (SIGNATURES, SUBSCRIBERS):
            if (who, table) == ("run-export", SIGNATURES):
                continue
            for statement in statements_on(who, table, READS):
                if (who, statement.actions) == ("run-job", ["dynamodb:BatchGetItem"]):
                    continue
                readable = statement.conditions.get(ATTRIBUTES, SEALED)
                assert not SEALED & set(readable), (who, statement.sid)


def test_a_write_to_a_record_of_a_person_returns_nothing() -> None:
    for who in policies():
        for table in (SIGNATURES, SUBSCRIBERS):
            for statement in statements_on(who, table, ON_ITEMS - READS):
                returned = {RETURNS, RETURNS_IF_GIVEN} & statement.conditions.keys()
                assert [statement.conditions[condition] for condition in returned] == [["NONE"]]


def test_alerts_change_only_the_seal_of_an_address() -> None:
    (statement,) = statements_on("run-job", SUBSCRIBERS, ON_ITEMS - READS)

    assert statement.actions == ["dynamodb:UpdateItem"]
    assert set(statement.conditions[ATTRIBUTES]) == {"pk", "sk", "sealed_address", "sealed_to"}
    assert statement.conditions[OTHER_LEADING_KEYS] == ["#*"]


def test_alerts_only_read_suppressions_and_only_by_their_keys() -> None:
    reaching = [
        statement
        for statement in statements_on("run-job", SUBSCRIBERS, ON_ITEMS)
        if statement.conditions.get(OTHER_LEADING_KEYS) != ["#*"]
    ]

    [reading] = reaching
    assert list(reading.actions) == ["dynamodb:BatchGetItem"]
    assert reading.conditions[LEADING_KEYS] == ["#suppressed#*"]


def test_only_the_web_and_data_requests_read_an_index_salt() -> None:
    reading = {
        who
        for who in policies()
        for statement in statements_on(who, LIMITS, READS)
        if any(matches("index-salt", key) for key in statement.conditions[LEADING_KEYS])
        # Who publishes sees that there is one, and not the salt.
        and set(statement.conditions.get(ATTRIBUTES, ["salt"])) != {"pk", "sk"}
    }

    assert reading == {"web", "privacy"}


def test_conditions_are_checked_on_updates_underway_and_on_whether_a_draft_is_published() -> None:
    checking = {
        (who, table, *statement.conditions[LEADING_KEYS])
        for who in policies()
        for table in (SIGNATURES, SUBSCRIBERS, PETITIONS, LIMITS)
        for statement in statements_on(who, table, {"ConditionCheckItem"})
    }

    assert checking == {("web", PETITIONS, "news"), ("desk", PETITIONS, "petition")}


def test_no_role_can_scan_or_export_a_table() -> None:
    for who, statements in policies().items():
        for table in (SIGNATURES, SUBSCRIBERS, PETITIONS, LIMITS, ORGANISERS):
            assert granted_on(statements, table) <= ON_ITEMS | STREAM_READS, who


def test_each_secret_is_read_by_exactly_these_roles() -> None:
    reading = {
        secret: {who for who, statements in policies().items() if reads_secret(statements, secret)}
        for secret in SECRET_NAMES
    }

    assert {secret: who for secret, who in reading.items() if who} == {
        TOKEN_KEYS: {"web"},
        PERMANENT_TOKEN_KEYS: {"web", "run-job"},
        INDEX_KEYS: {"web", "privacy"},
        LIMIT_PEPPERS: {"web", "send-mail"},
        MAILER_PUBLIC_KEYS: {"desk", "web", "publisher"},
        MAILER_PRIVATE_KEYS: MAILERS,
        ATTESTATION_KEYS: {"web"},
        ATTESTATION_PUBLIC_KEYS: {"desk", "publisher"},
        EXPORT_PUBLIC_KEYS: {"desk", "publisher"},
        EXPORT_KEYS: {"run-export"},
        JOB_KEYS: {
            *MAILERS,
            "web",
            "every-minute",
            "change-records",
            "run-export",
            "desk",
            "exporter",
            "publisher",
            "moderator",
        },
        DATA_REQUEST_KEYS: {"change-records", "privacy"},
    }


def test_the_keys_of_alerts_make_no_link_that_confirms_a_signature(world: World) -> None:
    world.sign()
    world.deliver_all()
    token = world.link().rpartition("/")[2]
    secrets = world.services.secrets
    claims = tokens.read(
        secrets.token_keys, Purpose.CONFIRM_SIGNATURE, token, now=world.clock.now()
    )

    forged = tokens.issue(
        secrets.permanent_token_keys,
        Purpose.CONFIRM_SIGNATURE,
        claims.values,
        claims.issued_at,
    )

    assert world.post(world.link().replace(token, forged), {}).status_code == 404
    assert world.signatures() == []
    assert world.post(world.link(), {}).status_code == 200


def test_no_role_can_read_both_signatures_and_addresses() -> None:
    for who, statements in policies().items():
        # An update can return the item, so every action on the table reads.
        signatures = granted_on(statements, SIGNATURES)
        addresses = reads_secret(statements, MAILER_PRIVATE_KEYS)

        assert not (signatures and addresses), who


def test_only_alerts_list_subscribers_and_others_count_or_destroy_them() -> None:
    listing = {
        who
        for who, statements in policies().items()
        if granted_on(statements, SUBSCRIBERS) & {"Query"}
    }

    assert listing == {"run-job", "change-records", "moderator", "publisher", "reconcile"}
    (keys_alone,) = statements_on("change-records", SUBSCRIBERS, {"Query"})
    assert set(keys_alone.conditions[ATTRIBUTES]) == {"pk", "sk"}
    assert keys_alone.conditions[SELECT] == ["SPECIFIC_ATTRIBUTES"]
    assert keys_alone.conditions[OTHER_LEADING_KEYS] == ["#*"]
    for who in ("moderator", "publisher", "reconcile"):
        (statement,) = statements_on(who, SUBSCRIBERS, ON_ITEMS)
        assert statement.actions == ["dynamodb:Query"]
        assert set(statement.conditions[ATTRIBUTES]) == {
            "pk", "sk", "state", "language", "frequency", "subscribed_on", "unsubscribed_at",
        }  # fmt: skip
        assert statement.conditions[OTHER_LEADING_KEYS] == ["#*"]


def test_only_one_function_deletes_what_is_kept_of_a_person() -> None:
    deleting = {
        who
        for who, statements in policies().items()
        for table in (SIGNATURES, SUBSCRIBERS)
        if "DeleteItem" in granted_on(statements, table)
    }
    removing, destroying = statements_on("change-records", SUBSCRIBERS, {"DeleteItem"})

    assert deleting == {"change-records"}
    # A person whose block is lifted; all the subscriptions of a petition that has ended.
    assert removing.conditions[LEADING_KEYS] == ["#suppressed#*"]
    assert destroying.conditions[OTHER_LEADING_KEYS] == ["#*"]
    for statement in (removing, destroying):
        assert statement.actions == ["dynamodb:DeleteItem"]


def test_each_queue_is_written_by_exactly_these_roles() -> None:
    writing = {
        queue: {
            who
            for who, statements in policies().items()
            if any(
                statement.names("sqs:SendMessage", arn("sqs", f"zaklik-{queue}"))
                for statement in statements
            )
        }
        for queue in ("mail", "jobs", "changes.fifo", "exports.fifo", "feedback")
    }

    assert writing == {
        # The desk invites organisers.
        "mail": {"desk", "web"},
        "jobs": {"desk", "every-minute", "run-job", "publisher"},
        "changes.fifo": {"change-records", "desk", "moderator", "privacy"},
        "exports.fifo": {"change-records", "desk", "exporter", "run-export"},
        "feedback": set(),
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


def test_files_of_exports_are_written_by_their_function_and_only_fetched_by_people() -> None:
    on_files = {
        (who, action, resource)
        for who, statements in policies().items()
        for statement in statements
        for action in statement.actions
        for resource in statement.resources
        if action.startswith("s3:")
    }

    files = "arn:aws:s3:::zaklik-exportbucket/exports/*"
    writing = ("AbortMultipartUpload", "DeleteObject", "GetObject", "PutObject")
    assert on_files == {
        *(("run-export", f"s3:{action}", files) for action in writing),
        ("exporter", "s3:GetObject", files),
    }


def test_the_web_can_send_to_the_mail_queue_but_not_receive() -> None:
    on_queues = {action for who, action in every_action() if (who, action[:4]) == ("web", "sqs:")}

    assert on_queues == {"sqs:SendMessage"}


def test_only_the_mailers_send_mail_and_only_from_the_sender_address() -> None:
    sending = {
        who: [
            statement.conditions.get(SENDER) or statement.conditions.get(SENDER_IF_GIVEN)
            for statement in statements
            if any(action.startswith("ses:Send") for action in statement.actions)
        ]
        for who, statements in policies().items()
    }

    assert {who for who, senders in sending.items() if senders} == MAILERS
    for who in MAILERS:
        assert sending[who] == [[SENDER_ADDRESS]], who


def test_only_the_schedule_asks_ses_for_the_account() -> None:
    others = {(who, action) for who, action in every_action() if action.startswith("ses:")}

    assert {pair for pair in others if not pair[1].startswith("ses:Send")} == {
        ("every-minute", "ses:GetAccount")
    }


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
        assert len(asked) <= NAMES_A_CALL


def test_a_function_logs_to_its_own_log_group() -> None:
    resources = read_template()["Resources"]
    for name, statements in functions().items():
        group = resources[LOGICAL_IDS[name]]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        path = resolved(resources[group]["Properties"]["LogGroupName"])
        stream = arn("logs", f"log-group:{path}:log-stream:any")

        assert any(statement.names("logs:PutLogEvents", stream) for statement in statements)


def test_no_person_approves_what_a_second_organiser_must() -> None:
    writing = [
        (who, statement)
        for who in PEOPLE
        for statement in statements_on(who, ORGANISERS, ON_ITEMS - READS)
        if any(matches("approval#open-door", key) for key in statement.conditions[LEADING_KEYS])
    ]

    [(who, asking)] = writing
    assert who == "exporter"
    assert asking.actions == ["dynamodb:PutItem"]
    assert not {name for name in asking.conditions[ATTRIBUTES] if name.startswith("approved")}


def test_the_template_has_no_other_role() -> None:
    # Chalice makes the roles of functions from the tested documents.
    kinds = {resource.get("Type") for resource in read_template()["Resources"].values()}

    assert "AWS::IAM::Role" not in kinds
