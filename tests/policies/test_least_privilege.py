"""Least privilege: a function's policy grants the calls that the function makes, and no others.

The calls are recorded while the journeys run.
"""

import ast
from collections.abc import Collection, Iterator
from typing import Final

import pytest
from chalice.cli.factory import CLIFactory
from moto import mock_aws

import app
from chalicelib import desk_app, wiring
from ops.compiling import ROOT
from tests.policies import desk_journeys, journeys, page_tests, people_journey, update_journeys
from tests.policies.documents import (
    FUNCTIONS,
    PEOPLE,
    Statement,
    arn,
    functions,
    policies,
    resolved,
)
from tests.policies.evaluation import (
    ATTRIBUTES,
    ATTRIBUTES_LIKE,
    FOR_ALL,
    LEADING_KEYS,
    OTHER_LEADING_KEYS,
    RETURNS,
    RETURNS_IF_GIVEN,
    SELECT,
    SELECT_IF_GIVEN,
    SENDER,
    SENDER_IF_GIVEN,
    allows,
    unused,
)
from tests.policies.recording import RecordedWorld, Recording

BY_THE_OPERATOR: Final = {
    "chalicelib/store/alerts/verified_addresses.py": {"save"},
    # It signs an address, and calls nobody.
    "chalicelib/store/export_files.py": {"link_to"},
    "chalicelib/store/limits/index_salts.py": {"list_all"},
    "chalicelib/store/organisers/accounts.py": {"delete", "delete_records", "list_all"},
    "chalicelib/store/subscribers.py": {"count_by_key"},
    "chalicelib/store/suppressions.py": {"count_by_root_key"},
    "chalicelib/usecases/alerts/resealing.py": {"start"},
    "chalicelib/usecases/alerts/switching.py": {"show"},
    "chalicelib/usecases/alerts/tracing.py": {"trace"},
    "chalicelib/usecases/alerts/verifying.py": {"mail_code", "verify"},
}
"""Functions, by file, that only commands of the operator call, who may do everything."""
PASSED_ON: Final = {
    "limits",
    "petitions",
    "petitions_single_attempt",
    "ses",
    "signatures",
    "sqs",
    "subscribers",
}
"""Attributes of `services` with which a callee calls AWS."""
LAZY: Final = {"items_of", "summaries_in"}
"""Generators that call AWS where they are iterated."""
CALLERS: Final = {"client", "ses", "sqs", "ssm", "table"}
WRITES: Final = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
READS_BY_KEY: Final = {"dynamodb:GetItem", "dynamodb:BatchGetItem"}
WITH_KEYS: Final = WRITES | READS_BY_KEY | {"dynamodb:Query", "dynamodb:ConditionCheckItem"}
NARROWED: Final = {
    LEADING_KEYS: WITH_KEYS,
    OTHER_LEADING_KEYS: WITH_KEYS,
    ("Null", "dynamodb:LeadingKeys"): WITH_KEYS,
    ATTRIBUTES: WITH_KEYS,
    ATTRIBUTES_LIKE: WITH_KEYS,
    ("Null", "dynamodb:Attributes"): WITH_KEYS,
    # A query always has this key, and an update the other (DynamoDB developer guide, "Using IAM
    # policy conditions for fine-grained access control"); the guide does not say it of others, nor
    # of an update in a transaction.
    SELECT: {"dynamodb:Query"},
    SELECT_IF_GIVEN: READS_BY_KEY,
    RETURNS: {"dynamodb:UpdateItem"},
    RETURNS_IF_GIVEN: WRITES,
    SENDER: {"ses:SendEmail"},
    # AWS documents no sender for bulk mail: the condition holds where SES names one (IfExists).
    SENDER_IF_GIVEN: {"ses:SendBulkEmail"},
}
"""The actions that a condition narrows: their requests have its key, others would pass without
(Service Authorization Reference)."""
WILDCARDS: Final = {
    "SendAsTheDesk": "SES checks the address, its domain, in its sandbox the recipient, and a "
    "template for mails with an inline one; the sender is narrowed instead",
    "ReadTheAccountAtSes": "the account is no resource of its own",
    "LambdaItselfLogs": "Lambda chooses the names of log streams",
    "WriteReadAndRemoveFiles": "files of exports are named by their petition and their job",
    "FetchFiles": "files of exports are named by their petition and their job",
    "FindTheService": "commands read the stack by its name, without its id",
}
"""Statements whose resources may hold a `*`, and why."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The recorded calls of all journeys."""
    folder = tmp_path_factory.mktemp("policies")
    recording = Recording()
    with mock_aws(), pytest.MonkeyPatch.context() as shell, recording.running():
        world = RecordedWorld(folder, recording=recording)
        world.publish()
        journeys.reading(world)
        journeys.signing(world)
        journeys.withdrawing(world)
        journeys.changing_and_blocking(world)
        journeys.hitting_limits(world)
        journeys.under_pressure(world)
        journeys.mailing_with_faults(world)
        journeys.alerting(world)
        journeys.reporting(world)
        journeys.digesting(world)
        journeys.passing_milestones(world)
        journeys.changing_keys(world)
        journeys.counting(world)
        journeys.watching(world)
        journeys.closing(world)
        journeys.deploying(world, folder)
        # Commands read deploy.toml of the current folder.
        shell.chdir(folder)
        journeys.organising(world, folder)
        journeys.answering_requests(world)
        journeys.exporting(world, folder)
        journeys.moderating(world, folder)
        desk_journeys.reading(world)
        desk_journeys.writing(world)
        desk_journeys.keeping_keys(world)
        desk_journeys.exporting(world)
        desk_journeys.destroying(world)
        people_journey.organising_people(world)
        update_journeys.updating(world)
        # Each of them begins with an empty service.
        page_tests.play(world)
    wiring.install(None)
    return recording


def aws_calls_in(source: str, left_out: Collection[str]) -> Iterator[range]:
    """The lines of each expression that calls AWS, or passes a client on."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef) or function.name in left_out:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _calls_aws(node):
                # It is iterated further down.
                last = function if _is_lazy(node.func) else node
                yield range(node.lineno, (last.end_lineno or last.lineno) + 1)


def _calls_aws(node: ast.Call) -> bool:
    passed = {arg.attr for arg in node.args if isinstance(arg, ast.Attribute)}
    return bool(passed & PASSED_ON) or _is_client_call(node.func)


def _is_lazy(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in LAZY


def _is_client_call(function: ast.expr) -> bool:
    """`table.find`, `self.client.get_item`, `ssm.get_parameters`."""
    match function:
        case ast.Attribute(value=ast.Name(id=name)) | ast.Attribute(value=ast.Attribute(attr=name)):
            return name in CALLERS
        case _:
            return False


def test_the_journeys_call_every_route(recording: Recording) -> None:
    routes = {
        f"{method} {path}"
        for each in (app.app, desk_app.app)
        for path, methods in each.routes.items()
        for method in methods
    }

    # HEAD runs the code of GET.
    missed = {route for route in routes if not route.startswith("HEAD")} - recording.routes

    assert not missed


def test_the_journeys_reach_every_line_that_calls_aws(recording: Recording) -> None:
    missed = []
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        reached = {line for file, line in recording.lines if file == name}
        missed += [
            f"{name}:{lines.start}"
            for lines in aws_calls_in(path.read_text("utf-8"), BY_THE_OPERATOR.get(name, ()))
            if not reached.intersection(lines)
        ]

    assert not missed


def test_no_role_lacks_a_call_that_its_function_makes(recording: Recording) -> None:
    lacking = [
        f"{name} may not {call.action} on {call.resource} under {sorted(call.keys)[:3]}"
        for name, statements in policies().items()
        for call in sorted(recording.calls[name], key=str)
        if not allows(statements, call)
    ]

    assert not lacking


def test_no_role_grants_a_call_that_its_function_never_makes(recording: Recording) -> None:
    needless = [
        f"{name} does not need {what}"
        for name, statements in policies().items()
        for what in unused(statements, recording.calls[name])
    ]

    assert not needless


def test_a_role_names_exactly_the_secrets_that_its_code_uses(recording: Recording) -> None:
    for name, statements in policies().items():
        allowed = {
            resource.rpartition("/")[2]
            for statement in statements
            for resource in statement.resources
            if resource.startswith(arn("ssm", "parameter/"))
        }

        assert allowed == recording.secrets[name], name


def test_only_the_exporter_and_alerts_read_what_is_sealed(recording: Recording) -> None:
    sealed = {"sealed", "sealed_address"}
    tables = {arn("dynamodb", f"table/zaklik-{name}") for name in ("signatures", "subscribers")}
    reads = READS_BY_KEY | {"dynamodb:Query"}

    reading = {
        (name, call.action, call.resource.rpartition("-")[2])
        for name, calls in recording.calls.items()
        for call in calls
        if call.resource in tables
        and call.action in reads
        and (not call.attributes or call.attributes & sealed)
    }

    assert reading == {
        ("run-export", "dynamodb:Query", "signatures"),
        ("run-job", "dynamodb:BatchGetItem", "subscribers"),
    }


def test_lambda_itself_is_granted_only_its_event_sources_and_logs() -> None:
    def takes(queue: str) -> set[tuple[str, str]]:
        actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        return {(f"sqs:{action}", arn("sqs", f"zaklik-{queue}")) for action in actions}

    stream = resolved({"Fn::GetAtt": ["SignaturesTable", "StreamArn"]})
    reads = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    sources = {
        "web": set[tuple[str, str]](),
        "send-mail": takes("mail"),
        "run-job": takes("jobs"),
        "change-records": takes("changes.fifo"),
        "run-export": takes("exports.fifo"),
        "record-feedback": takes("feedback"),
        # Lambda developer guide, "Using Lambda with DynamoDB", execution role permissions; a
        # dead-letter queue takes failed batches.
        "tally": {(f"dynamodb:{action}", stream) for action in reads}
        | {("sqs:SendMessage", arn("sqs", "zaklik-stream-dead"))},
        "every-minute": set[tuple[str, str]](),
        "reconcile": set[tuple[str, str]](),
        "desk": set[tuple[str, str]](),
    }
    for name, statements in functions().items():
        log = arn("logs", f"log-group:/zaklik/zaklik/{name}:*")
        logs = {("logs:CreateLogStream", log), ("logs:PutLogEvents", log)}

        granted = {
            (action, resource)
            for statement in statements
            if statement.for_lambda
            for action in statement.actions
            for resource in statement.resources
        }

        assert granted == sources[name] | logs


def test_no_two_statements_of_a_policy_have_one_name() -> None:
    for name, statements in policies().items():
        names = [statement.sid for statement in statements]
        assert len(names) == len(set(names)), name


def test_no_wildcard_could_be_narrower() -> None:
    for statement in every_statement():
        assert not any("*" in action or "?" in action for action in statement.actions)
        if statement.sid not in WILDCARDS:
            assert not any("*" in resource or "?" in resource for resource in statement.resources)


def test_a_condition_stands_only_where_every_request_has_its_key() -> None:
    for statement in every_statement():
        for condition in statement.conditions:
            assert set(statement.actions) <= NARROWED[condition], statement.sid


def test_a_request_that_lacks_a_key_passes_no_condition_on_all_its_values() -> None:
    for statement in every_statement():
        needed = {key for operator, key in statement.conditions if operator.startswith(FOR_ALL)}
        present = {
            key
            for (operator, key), values in statement.conditions.items()
            if (operator, values) == ("Null", ["false"])
        }

        assert needed == present, statement.sid


@pytest.mark.parametrize("table", ["PetitionsTable", "LimitsTable", "OrganisersTable"])
def test_every_access_to_a_table_of_many_kinds_is_narrowed_to_its_keys(table: str) -> None:
    arn_of_table = resolved({"Fn::GetAtt": [table, "Arn"]})
    for statement in every_statement():
        if arn_of_table in statement.resources:
            assert LEADING_KEYS in statement.conditions


def test_chalice_gives_every_function_its_own_role() -> None:
    config = CLIFactory(str(ROOT)).create_config_obj("dev")
    names = ["api_handler", *(handler.name for handler in app.app.pure_lambda_functions)]
    names += [handler.name for handler in app.app.event_sources]

    scopes = {name: config.scope("dev", name) for name in names}

    assert not any(scope.autogen_policy for scope in scopes.values())
    assert {name: scope.iam_policy_file for name, scope in scopes.items()} == {
        name: f"policy-{policy}.json" for name, policy in FUNCTIONS.items()
    }


def every_statement() -> list[Statement]:
    by_name = policies()
    assert by_name.keys() == {*FUNCTIONS.values(), *PEOPLE}
    return [statement for statements in by_name.values() for statement in statements]
