"""`zaklik deploy smoke` fails on a stack that is broken on purpose, and passes when repaired."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.drivers import role_policies
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import DeployedStack
from tests.e2e.drivers.role_policies import Statement
from tests.e2e.engine.ministack import Ministack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def smoke(stack: DeployedStack, engine: Ministack) -> tuple[str, ...]:
    """The command, with API Gateway's address on the engine."""
    api = f"{engine.url}/_aws/execute-api/{stack.outputs['RestAPIId']}/api"
    return ("deploy", "smoke", "--api", api)


def test_smoke_names_the_step_that_a_missing_permission_breaks(
    zaklik: CommandLine, smoke: tuple[str, ...], stack: DeployedStack
) -> None:
    with without_permission(stack, "sqs:SendMessage"):
        output = zaklik(*smoke, exit_status=1)

    assert "✗ Signing:" in output


def test_smoke_names_the_step_that_a_wrong_setting_breaks(
    zaklik: CommandLine, smoke: tuple[str, ...], stack: DeployedStack
) -> None:
    with variable_set_to(stack, "ZAKLIK_ORIGIN_DIGESTS", "0" * 64):
        output = zaklik(*smoke, exit_status=1)

    assert "✗ The page:" in output


def test_smoke_passes_when_both_are_repaired(zaklik: CommandLine, smoke: tuple[str, ...]) -> None:
    zaklik(*smoke)


@contextmanager
def without_permission(stack: DeployedStack, action: str) -> Iterator[None]:
    """The web function's role lacks an action for as long as the block lasts."""

    def without(statement: Statement) -> Statement | None:
        left = [allowed for allowed in role_policies.actions(statement) if allowed != action]
        return {**statement, "Action": left} if left else None

    before = role_policies.change(stack, "APIHandler", without)
    try:
        yield
    finally:
        role_policies.put(stack, before)


@contextmanager
def variable_set_to(stack: DeployedStack, name: str, value: str) -> Iterator[None]:
    """A variable of the web function has another value for as long as the block lasts."""
    functions = stack.client("lambda")
    function = stack.physical_id("APIHandler")
    before = stack.configuration("APIHandler")["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=function, Environment={"Variables": {**before, name: value}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": before}
        )
