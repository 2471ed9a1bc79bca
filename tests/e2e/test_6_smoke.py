"""Fifth act: the smoke test fails when something is broken on purpose, and passes when not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from ops.rehearsal.driving import policies
from ops.rehearsal.driving.scene import Scene
from ops.rehearsal.steps import expect_in

_TAKEN_FROM_WEB: Final = "sqs:SendMessage"
_DIGESTS: Final = "ZAKLIK_ORIGIN_DIGESTS"


def play(scene: Scene) -> None:
    """Break the policy, smoke, mend; break the page, smoke, mend; smoke."""
    log = scene.log
    log.chapter("Smoke")
    with log.step(f"a broken policy: without {_TAKEN_FROM_WEB} smoke fails and names the step"):
        with _policy_without(scene, _TAKEN_FROM_WEB):
            said = _smoke(scene, status=1)
            expect_in("the step", "Signing:", said)
        log.note(_fault(said))
    with log.step("a broken page: with another secret's digest smoke fails and names the step"):
        with _variable(scene, _DIGESTS, "0" * 64):
            said = _smoke(scene, status=1)
            expect_in("the step", "The page:", said)
        log.note(_fault(said))
    with log.step("both are mended: zaklik deploy smoke passes"):
        _smoke(scene)


def _smoke(scene: Scene, *, status: int = 0) -> str:
    """Run it, and say where API Gateway is: its name of AWS leads nowhere here."""
    outputs = scene.deployed.outputs
    api = f"{scene.engine.url}/_aws/execute-api/{outputs['RestAPIId']}/api"
    return scene.terminal.type("deploy", "smoke", "--api", api, status=status)


def _fault(said: str) -> str:
    expect_in("the fault is marked", "✗", said)
    return said[said.index("✗") :].strip()


@contextmanager
def _policy_without(scene: Scene, action: str) -> Iterator[None]:
    """The web function's role lacks an action for as long as the block lasts."""

    def without(statement: dict[str, Any]) -> dict[str, Any] | None:
        left = [each for each in policies.actions(statement) if each != action]
        return {**statement, "Action": left} if left else None

    whole = policies.change(scene.deployed, "APIHandler", without)
    try:
        yield
    finally:
        policies.put(scene.deployed, whole)


@contextmanager
def _variable(scene: Scene, name: str, value: str) -> Iterator[None]:
    """A variable of the web function has another value for as long as the block lasts."""
    functions = scene.deployed.client("lambda")
    function = scene.deployed.physical("APIHandler")
    whole = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=function, Environment={"Variables": {**whole, name: value}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": whole}
        )
