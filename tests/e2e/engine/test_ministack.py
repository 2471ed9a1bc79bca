"""The engine starts, gets none of our settings, and leaves no process and no folder behind."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.drivers.waiter import wait_until
from tests.e2e.engine import fake_ministack, ministack
from tests.e2e.engine.ministack import NoEngine

PARENT = """
import sys, time
from pathlib import Path
from tests.e2e.engine import ministack
with ministack.running(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(600)
"""


@dataclass(frozen=True)
class Traces:
    """What a running engine shows of itself: its process, its child, its folder."""

    processes: tuple[int, ...]
    folder: Path

    def are_gone(self) -> bool:
        return not any(map(_runs, self.processes)) and not self.folder.exists()


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A program that starts the fake engine, whatever its arguments."""
    return _program(
        tmp_path, f'exec "{sys.executable}" "{fake_ministack.__file__}" "{tmp_path}/traces"'
    )


def _program(folder: Path, line: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)
    return path


def _traces(python: Path) -> Traces:
    parent, child, folder = (python.parent / "traces").read_text().split(" ", 2)
    return Traces(processes=(int(parent), int(child)), folder=Path(folder))


def _runs(process: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_answers_while_the_block_lasts_and_leaves_nothing(python: Path) -> None:
    with ministack.running(python) as engine:
        assert engine.inspect("health")
        traces = _traces(python)
        assert all(map(_runs, traces.processes))
        assert engine.certificate.parent == traces.folder

    wait_until("the end of the engine", traces.are_gone)


def test_an_error_in_the_block_ends_it_too(python: Path) -> None:
    with pytest.raises(ZeroDivisionError), ministack.running(python):
        raise ZeroDivisionError

    wait_until("the end of the engine", _traces(python).are_gone)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_when_the_parent_is_killed(python: Path, number: int) -> None:
    command = [sys.executable, "-c", PARENT, str(python)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "up\n"
        traces = _traces(python)

        parent.send_signal(number)

        assert parent.wait(timeout=10)
    wait_until("the end of the engine", traces.are_gone)


def test_it_gets_none_of_our_settings(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", "secret")

    with ministack.running(python) as engine:
        environment = engine.inspect("health")["environment"]

    assert environment["AUTH"] == "true"
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "ZAKLIK_PASSPHRASE"} & environment.keys()


def test_programs_reach_it_by_the_standard_variables(python: Path) -> None:
    with ministack.running(python) as engine:
        variables = engine.environment(key="AKIA", secret="s")

    assert variables["AWS_ENDPOINT_URL"] == engine.url == f"https://127.0.0.1:{engine.port}"
    assert variables["AWS_CA_BUNDLE"] == str(engine.certificate)
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) == ("AKIA", "s")
    assert engine.root_environment()["AWS_ACCESS_KEY_ID"] == ministack.ACCOUNT


def test_its_output_is_shown_when_it_does_not_start(tmp_path: Path) -> None:
    python = _program(tmp_path, 'echo "no module named ministack"; exit 3')

    with pytest.raises(NoEngine, match="no module named ministack"), ministack.running(python):
        pytest.fail("it runs")


def test_without_an_engine_the_message_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(NoEngine, match="make rehearse"), ministack.running(tmp_path / "python"):
        pytest.fail("it runs")


def test_its_output_goes_to_the_log_that_is_named(python: Path, tmp_path: Path) -> None:
    log = tmp_path / "engine.log"

    with ministack.running(python, log=log) as engine:
        engine.inspect("health")

    assert "GET /_ministack/health" in log.read_text()
