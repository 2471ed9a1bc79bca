"""The store's contract suite, run on the engine: the same tests as on moto."""

import os
import subprocess
import sys
from typing import Final

from ops.rehearsal import engine
from ops.rehearsal.steps import Log, Unexpected

SUITE: Final = "tests/store"
_PATIENCE_SECONDS: Final = 300


def play(log: Log) -> None:
    """Run the suite on an engine of its own. Raises StepFailed."""
    log.chapter("What the store asks of DynamoDB")
    with engine.running() as aws, log.step(f"{SUITE} on this engine, as on moto"):
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE],
            cwd=engine.ROOT,
            env={
                **os.environ,
                "ZAKLIK_TEST_ENGINE": aws.url,
                "AWS_CA_BUNDLE": str(aws.certificate),
            },
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        if ran.returncode:
            raise Unexpected(SUITE, expected="all tests pass", came=ran.stdout[-3000:])
    log.note(ran.stdout.strip().splitlines()[-1])
