"""`python -m ops.rehearsal` (`make rehearse`): the deployed package, driven through the whole demo.

Options: `--keep-log FILE` keeps what the engine said.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from ops.errors import CannotContinue
from ops.rehearsal import edge, engine
from ops.rehearsal.driving import (
    act_alerts,
    act_deploy,
    act_end,
    act_health,
    act_people,
    act_smoke,
    contract,
    inventory,
    operator,
)
from ops.rehearsal.driving.commands import Terminal
from ops.rehearsal.driving.deployed import Deployed
from ops.rehearsal.driving.relay import Relay
from ops.rehearsal.driving.scene import PASSPHRASE, STACK, Scene
from ops.rehearsal.lacks import LACKS
from ops.rehearsal.steps import Log
from ops.terminal import console


@click.command()
@click.option("--keep-log", type=click.Path(path_type=Path), help="Keep what the engine says.")
def main(keep_log: Path | None) -> None:
    """Deploy to a local engine what users deploy, drive it through the demo, take it away."""
    signal.signal(signal.SIGTERM, _end)
    begun, log = time.monotonic(), Log()
    try:
        contract.play(log)
        with _scene(log, keep_log) as scene:
            act_deploy.prepare(scene)
            before = inventory.of_account(scene.deployed.client)
            act_deploy.play(scene)
            with _relayed(scene):
                act_people.play(scene)
                act_alerts.play(scene)
                act_health.play(scene)
                act_smoke.play(scene)
                # Last, since a minute has passed by now: nothing need wait for it.
                act_health.wait_for_clock(scene)
            act_end.play(scene, before)
    except CannotContinue as error:
        console.fault(f"The rehearsal failed: {error}")
        sys.exit(1)
    _show_lacks(log)
    console.say()
    console.note("This was not AWS: docs/operating.md says what only AWS can prove.")
    console.done(f"{log.done_count} steps in {time.monotonic() - begun:.0f} seconds.")


@contextmanager
def _scene(log: Log, keep_log: Path | None) -> Iterator[Scene]:
    """The engine with its operator, and the edge; both are gone when the block is left."""
    with edge.serving() as front:
        log.chapter("The engine")
        with engine.running(log=keep_log and keep_log.absolute()) as aws:
            with log.step("it runs, enforces IAM, and knows an operator"):
                environment = operator.sign_up(aws)
            session = operator.session(environment)
            # With the engine's own things, so that it goes as they go, even after a kill.
            folder = aws.certificate.parent / "desk"
            folder.mkdir()
            yield Scene(
                log=log,
                engine=aws,
                edge=front,
                terminal=Terminal(folder=folder, environment=_typed_with(aws, environment)),
                deployed=Deployed(engine=aws, session=session, stack=STACK),
            )


def _typed_with(aws: engine.Engine, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of the terminal: of AWS, of TLS outside of it, and the key's passphrase."""
    return {
        **environment,
        "SSL_CERT_FILE": str(aws.certificate),
        "ZAKLIK_PASSPHRASE": PASSPHRASE,
    }


@contextmanager
def _relayed(scene: Scene) -> Iterator[None]:
    """The stream's records reach Tally for as long as the block lasts."""
    relay = Relay(scene.deployed)
    relay.start()
    try:
        yield
    finally:
        relay.stop()
    with scene.log.step(f"Tally was handed all {relay.handed_count} records of the stream"):
        relay.check()


def _show_lacks(log: Log) -> None:
    log.chapter("What the engine lacks, and what stood for it")
    for lack in LACKS:
        log.say(f"  • {lack.what}")
        log.say(f"    {lack.instead}")


def _end(*_: Any) -> NoReturn:
    """Ended by somebody: leave every `with` on the way out."""
    os.write(sys.stderr.fileno(), b"Ended.\n")
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
