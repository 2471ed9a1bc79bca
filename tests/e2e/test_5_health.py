"""Fourth act: every function has run as deployed, nothing was given up, no log names anybody."""

import re
from typing import Final

from ops.rehearsal.driving import act_alerts, act_people
from ops.rehearsal.driving.deployed import FUNCTIONS
from ops.rehearsal.driving.scene import Scene
from ops.rehearsal.driving.visitor import links_in
from ops.rehearsal.steps import Unexpected, expect, expect_in, until

_TOKEN_CHARACTERS: Final = 40
"""No other part of our paths is as long."""
_OWN_TICKS: Final = 1
"""Runs of EveryMinute that `play` asks for."""
_CLOCK_SECONDS: Final = 90.0
_REPORT: Final = "REPORT RequestId"
"""Begins the line that Lambda writes at the end of every invocation."""
_FAILED: Final = re.compile(r'"level":\s*"(ERROR|CRITICAL)"|Traceback|\[ERROR\]')
_WITHOUT_SHARD: Final = "Tally"
"""Has failed as long as the engine's own mapping called it, see `relay.py`."""
_SCHEDULED: Final = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-03-08T03:20:00Z",
    "region": "eu-central-1",
    "detail": {},
}


def play(scene: Scene) -> None:
    """Run what the clock runs, then look at functions, queues and logs."""
    log, deployed = scene.log, scene.deployed
    log.chapter("Afterwards")
    with log.step("the alert is complete"):
        deployed.invoke("EveryMinute", _scheduled(scene, "EveryMinute"))
        said = scene.terminal.type("update", "status", act_alerts.ID)
        expect_in("zaklik update status", "Complete.", said)
    with log.step("Reconcile counts, and finds nothing to repair"):
        deployed.invoke("Reconcile", _scheduled(scene, "Reconcile"))
        repaired = [line for line in deployed.log_lines("Reconcile") if "repaired" in line]
        expect("repairs", repaired, [])
    with log.step("every function has run as it is deployed"):
        for function in FUNCTIONS:
            if not _runs(scene, function):
                raise Unexpected(function, expected="a run in its log", came="none")
    with log.step("no queue holds a message, nothing was given up"):
        until("empty queues", lambda: not any(deployed.messages().values()))
    with log.step("no log names a person, an address or a link"):
        _check_logs(scene)


def wait_for_clock(scene: Scene) -> None:
    """Wait until EveryMinute has run oftener than it was invoked here. Raises StepFailed."""
    with scene.log.step("the clock has struck: EveryMinute ran by its own rule"):
        until(
            "a run of EveryMinute",
            lambda: _runs(scene, "EveryMinute") > _OWN_TICKS,
            seconds=_CLOCK_SECONDS,
        )


def _scheduled(scene: Scene, function: str) -> dict[str, object]:
    arn = scene.deployed.configuration(function)["FunctionArn"]
    return {**_SCHEDULED, "resources": [arn.replace(":lambda:", ":events:")]}


def _runs(scene: Scene, function: str) -> int:
    lines = scene.deployed.log_lines(function)
    return sum(line.startswith(_REPORT) for line in lines)


def _check_logs(scene: Scene) -> None:
    lines = scene.deployed.log_lines()
    planted = {act_people.NAME, act_people.ADDRESS, act_alerts.SUBSCRIBER, scene.edge.url}
    for address in (act_people.ADDRESS, act_alerts.SUBSCRIBER):
        planted |= _tokens(scene, address)
    for line in lines:
        if found := [text for text in planted if text in line]:
            raise Unexpected("a line of a log", expected="nobody named", came=f"{found} in {line}")
    for function in FUNCTIONS:
        failed = [line for line in scene.deployed.log_lines(function) if _FAILED.search(line)]
        if function != _WITHOUT_SHARD:
            expect(f"failures of {function}", failed, [])


def _tokens(scene: Scene, address: str) -> set[str]:
    """The last parts of all links that an address was mailed: long, and known to nobody else."""
    links = [
        link for mail in scene.inbox(address).mails() for link in links_in(mail, scene.edge.url)
    ]
    tokens = {token for link in links if len(token := link.rpartition("/")[2]) > _TOKEN_CHARACTERS}
    if not tokens:
        raise Unexpected(f"mails to {address}", expected="links with tokens", came=links)
    return tokens
