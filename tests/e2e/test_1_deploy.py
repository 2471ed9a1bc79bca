"""First act: `zaklik deploy apply`, and what it has made."""

import platform
from typing import Any, Final

from ops.rehearsal.driving import policies
from ops.rehearsal.driving.deployed import FUNCTIONS
from ops.rehearsal.driving.scene import STACK, Scene
from ops.rehearsal.edge import read_route
from ops.rehearsal.steps import expect, expect_in

DOMAIN: Final = "desk.example.org"
_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64"}


def prepare(scene: Scene) -> None:
    """What an operator has before the first deployment: settings, and nothing else."""
    scene.log.chapter("Deploying")
    _write_settings(scene)
    with scene.log.step("zaklik deploy apply, with a sender that SES does not know: refused"):
        said = scene.terminal.type("deploy", "apply", "--yes", status=1)
        expect_in("the reason", f"SES does not know {DOMAIN}", said)
        expect_in("what has happened", "Nothing has changed", said)


def play(scene: Scene) -> None:
    """Deploy, deploy again, and put the edge in front."""
    log = scene.log
    with log.step("zaklik deploy check --without-mail: nothing is in the way"):
        expect_in("the package", "builds", scene.terminal.type("deploy", "check", "--without-mail"))
    with log.step("zaklik deploy plan --without-mail: what would be made, and no stack is left"):
        said = scene.terminal.type("deploy", "plan", "--without-mail")
        expect_in("what would be made", "7 functions", said)
        stacks = scene.deployed.client("cloudformation").list_stacks(
            StackStatusFilter=["REVIEW_IN_PROGRESS", "CREATE_COMPLETE"]
        )["StackSummaries"]
        expect("stacks", [stack["StackName"] for stack in stacks], [])
    with log.step("zaklik deploy apply --without-mail: the stack makes the sender known"):
        scene.terminal.type("deploy", "apply", "--without-mail", "--yes")
        identities = scene.deployed.client("sesv2").list_email_identities()["EmailIdentities"]
        expect("identities", [each["IdentityName"] for each in identities], [DOMAIN])
    with log.step("zaklik deploy apply, once more: nothing is to change"):
        expect_in("it says so", "Nothing to change", scene.terminal.type("deploy", "apply"))
    with log.step("every function stands, with a role and a log group of its own"):
        _check_functions(scene)
    with log.step("the queues' mappings have their concurrency as numbers"):
        _set_concurrency_again(scene)
    with log.step("roles may send mail and read secrets in the engine's own terms"):
        for function in ("APIHandler", "SendMail", "RunJob"):
            policies.change(scene.deployed, function, _on_anything)
    with log.step("the edge follows the deployed distribution"):
        deployed, port = scene.deployed, scene.engine.port
        scene.edge.route = read_route(
            deployed.client("cloudfront"),
            deployed.outputs["DistributionId"],
            host=f"{deployed.outputs['RestAPIId']}.execute-api.localhost:{port}",
            port=port,
            trust=scene.engine.trust,
        )


def _write_settings(scene: Scene) -> None:
    architecture = _ARCHITECTURES[platform.machine().lower()]
    (scene.folder / "deploy.toml").write_text(
        f'stack = "{STACK}"\n'
        f'sender = "Petition desk <desk@{DOMAIN}>"\n'
        f'public_url = "{scene.edge.url}"\n'
        f'alarms_to = "operator@{DOMAIN}"\n'
        f'architecture = "{architecture}"\n',
        "utf-8",
    )


def _check_functions(scene: Scene) -> None:
    configurations = [scene.deployed.configuration(function) for function in FUNCTIONS]
    expect("roles", len({each["Role"] for each in configurations}), len(FUNCTIONS))
    groups = {scene.deployed.log_group(function) for function in FUNCTIONS}
    expect("log groups", len(groups), len(FUNCTIONS))
    expect("log groups of the stack", groups - set(scene.deployed.log_groups()), set())


def _set_concurrency_again(scene: Scene) -> None:
    """What came by a parameter is text on the engine, with which it polls no queue at all."""
    functions = scene.deployed.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if most := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(most)}
            )


def _on_anything(statement: dict[str, Any]) -> dict[str, Any]:
    """The same actions, but on everything, where the engine asks neither of what nor from whom.

    It does so of mail, and of several secrets at once.
    """
    if not any(action.startswith(("ses:", "ssm:")) for action in policies.actions(statement)):
        return statement
    return {"Effect": "Allow", "Action": statement["Action"], "Resource": "*"}
