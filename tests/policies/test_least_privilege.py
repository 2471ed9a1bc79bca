"""One policy a function: it lacks no call that its function makes, and grants none that none makes.

Nobody wrote down by hand what a function needs: it is recorded while the function does its work.
"""

import ast
from collections.abc import Iterator
from typing import Final

import pytest
from chalice.cli.factory import CLIFactory
from moto import mock_aws

import app
from chalicelib import wiring
from ops.compiling import ROOT
from tests.policies import journeys
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
    LEADING_KEYS,
    RETURNS,
    SELECT,
    SENDER,
    SENDER_IF_TOLD,
    allows,
    unused,
)
from tests.policies.recording import RecordedWorld, Recording

HANDED_OVER: Final = {"petitions", "ses", "signatures", "sqs", "subscribers"}
"""Who is given one of these attributes of `services` calls AWS with it."""
CALLERS: Final = {"client", "ses", "sqs", "ssm", "table"}
WRITES: Final = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
WITH_KEYS: Final = WRITES | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"}
NARROWED: Final = {
    LEADING_KEYS: WITH_KEYS,
    ATTRIBUTES: WITH_KEYS,
    SELECT: {"dynamodb:Query"},
    RETURNS: WRITES,
    SENDER: {"ses:SendEmail"},
    # AWS documents no sender for bulk mail: the condition holds where SES names one (IfExists).
    SENDER_IF_TOLD: {"ses:SendBulkEmail"},
}
"""The actions that a condition narrows: their requests have its key, others would pass without
(Service Authorization Reference)."""
STARS: Final = {
    "SendAsTheDesk": "SES asks of the address, of its domain, in its sandbox of who is written to, "
    "and of a template for mails that bring theirs along; the sender is what is narrowed",
    "LambdaItselfLogs": "Lambda makes up the names of log streams",
    "FindTheService": "commands ask for the stack by its name, not by the id that follows it",
}
"""Statements whose resources may hold a `*`, and why."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What happened while everybody did everything."""
    folder = tmp_path_factory.mktemp("policies")
    recording = Recording()
    with mock_aws(), pytest.MonkeyPatch.context() as shell, recording.running():
        world = RecordedWorld(folder, recording=recording)
        world.publish()
        journeys.reading(world)
        journeys.signing(world)
        journeys.withdrawing(world)
        journeys.choosing_and_blocking(world)
        journeys.hitting_limits(world)
        journeys.under_pressure(world)
        journeys.mailing_with_faults(world)
        journeys.alerting(world)
        journeys.digesting(world)
        journeys.counting(world)
        journeys.closing(world)
        journeys.deploying(world, folder)
        # Commands find the service by the deploy.toml of the folder in which they are typed.
        shell.chdir(folder)
        journeys.organising(world, folder)
        journeys.answering_requests(world)
        journeys.exporting(world, folder)
        journeys.judging(world)
    wiring.install(None)
    return recording


def aws_calls_in(source: str) -> Iterator[range]:
    """The lines of each expression that asks AWS for something, or has somebody do so."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _asks_aws(node):
                # A generator asks where it is walked, which is further down.
                last = function if _is_lazy(node.func) else node
                yield range(node.lineno, (last.end_lineno or last.lineno) + 1)


def _asks_aws(node: ast.Call) -> bool:
    handed = {each.attr for each in node.args if isinstance(each, ast.Attribute)}
    return bool(handed & HANDED_OVER) or _is_client_call(node.func)


def _is_lazy(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "items_of"


def _is_client_call(function: ast.expr) -> bool:
    """`table.find`, `self.client.get_item`, `ssm.get_parameters`."""
    match function:
        case ast.Attribute(value=ast.Name(id=name)) | ast.Attribute(value=ast.Attribute(attr=name)):
            return name in CALLERS
        case _:
            return False


def test_the_journeys_visit_every_route(recording: Recording) -> None:
    routes = {f"{method} {path}" for path, methods in app.app.routes.items() for method in methods}

    # HEAD is a GET whose body is thrown away.
    missed = {route for route in routes if not route.startswith("HEAD")} - recording.routes

    assert not missed


def test_the_journeys_reach_every_line_that_calls_aws(recording: Recording) -> None:
    missed = []
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        reached = {line for file, line in recording.lines if file == name}
        missed += [
            f"{name}:{lines.start}"
            for lines in aws_calls_in(path.read_text("utf-8"))
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


def test_lambda_itself_gets_what_its_event_sources_need_and_nothing_more() -> None:
    def takes(queue: str) -> set[tuple[str, str]]:
        actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        return {(f"sqs:{action}", arn("sqs", f"zaklik-{queue}")) for action in actions}

    stream = resolved({"Fn::GetAtt": ["SignaturesTable", "StreamArn"]})
    reads = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    sources = {
        "web": set[tuple[str, str]](),
        "send-mail": takes("mail"),
        "run-job": takes("jobs"),
        "record-feedback": takes("feedback"),
        # Lambda developer guide, "Using Lambda with DynamoDB", execution role permissions; what
        # fails for good goes to a queue.
        "tally": {(f"dynamodb:{action}", stream) for action in reads}
        | {("sqs:SendMessage", arn("sqs", "zaklik-stream-dead"))},
        "every-minute": set[tuple[str, str]](),
        "reconcile": set[tuple[str, str]](),
    }
    for name, statements in functions().items():
        log = arn("logs", f"log-group:/zaklik/zaklik/{name}:*")
        logs = {("logs:CreateLogStream", log), ("logs:PutLogEvents", log)}

        granted = {
            (action, resource)
            for each in statements
            if each.for_lambda
            for action in each.actions
            for resource in each.resources
        }

        assert granted == sources[name] | logs


def test_no_wildcard_could_be_narrower() -> None:
    for statement in every_statement():
        assert not any("*" in action or "?" in action for action in statement.actions)
        if statement.sid not in STARS:
            assert not any("*" in each or "?" in each for each in statement.resources)


def test_a_condition_stands_only_where_every_request_has_its_key() -> None:
    for statement in every_statement():
        for condition in statement.conditions:
            assert set(statement.actions) <= NARROWED[condition], statement.sid


def test_every_access_to_the_desk_is_narrowed_to_its_keys() -> None:
    petitions_table = resolved({"Fn::GetAtt": ["PetitionsTable", "Arn"]})
    for statement in every_statement():
        if petitions_table in statement.resources:
            assert LEADING_KEYS in statement.conditions


def test_chalice_gives_every_function_its_own_role() -> None:
    config = CLIFactory(str(ROOT)).create_config_obj("dev")
    names = ["api_handler", *(handler.name for handler in app.app.pure_lambda_functions)]
    names += [handler.name for handler in app.app.event_sources]

    given = {name: config.scope("dev", name) for name in names}

    assert not any(each.autogen_policy for each in given.values())
    assert {name: each.iam_policy_file for name, each in given.items()} == {
        name: f"policy-{policy}.json" for name, policy in FUNCTIONS.items()
    }


def every_statement() -> list[Statement]:
    found = policies()
    assert found.keys() == {*FUNCTIONS.values(), *PEOPLE}
    return [statement for statements in found.values() for statement in statements]
