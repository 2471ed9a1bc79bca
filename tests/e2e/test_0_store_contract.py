"""The store's contract suite passes on the engine too: the same tests as on moto."""

import os
import subprocess
import sys

import pytest

from ops.compiling import ROOT
from tests.e2e.engine import ministack
from tests.e2e.engine.ministack import Ministack

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("engine")
def test_the_store_gets_from_this_dynamodb_what_it_gets_from_motos() -> None:
    # On an engine of its own, since the suite makes the tables of the template.
    with ministack.running() as own_engine:
        suite = _run_suite(own_engine)

    assert suite.returncode == 0, suite.stdout[-3000:]


def _run_suite(engine: Ministack) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/store"],
        cwd=ROOT,
        env={
            **os.environ,
            "ZAKLIK_TEST_ENGINE": engine.url,
            "AWS_CA_BUNDLE": str(engine.certificate),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
