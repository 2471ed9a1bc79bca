"""The engine's life: it comes up, nothing of ours leaks into it, and nothing of it survives."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.rehearsal import engine
from ops.rehearsal.engine import NoEngine
from tests.ops.rehearsal import stand_in

ASKER = """
import sys, time
from pathlib import Path
from ops.rehearsal import engine
with engine.running(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(600)
"""


@dataclass(frozen=True)
class Traces:
    """What a stand-in has left: its process, its child, its folder."""

    processes: tuple[int, ...]
    folder: Path

    def are_gone(self) -> bool:
        """Whether nothing of it is left."""
        return not any(map(_runs, self.processes)) and not self.folder.exists()


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter, as it seems, that has an engine."""
    return _program(tmp_path, f'exec "{sys.executable}" "{stand_in.__file__}" "{tmp_path}/traces"')


def _program(folder: Path, line: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)
    return path


def _traces(python: Path) -> Traces:
    parent, child, folder = (python.parent / "traces").read_text().split(" ", 2)
    return Traces(processes=(int(parent), int(child)), folder=Path(folder))


def _runs(process: int) -> bool:
    """Whether there is such a process, and it is not only waited for by its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _soon(true: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_it_answers_while_the_block_lasts_and_leaves_nothing(python: Path) -> None:
    with engine.running(python) as running:
        assert running.ask("health")
        traces = _traces(python)
        assert all(map(_runs, traces.processes))
        assert running.certificate.parent == traces.folder

    assert _soon(traces.are_gone)


def test_an_error_in_the_block_ends_it_too(python: Path) -> None:
    with pytest.raises(ZeroDivisionError), engine.running(python):
        raise ZeroDivisionError

    assert _soon(_traces(python).are_gone)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_when_the_asker_is_killed(python: Path, number: int) -> None:
    command = [sys.executable, "-c", ASKER, str(python)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout
        assert asker.stdout.readline() == "up\n"
        traces = _traces(python)

        asker.send_signal(number)

        assert asker.wait(timeout=10)
    assert _soon(traces.are_gone)


def test_nothing_of_ours_leaks_into_it(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "in-earnest")
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", "in earnest")

    with engine.running(python) as running:
        given = running.ask("health")["environment"]

    assert given["AUTH"] == "true"
    assert given["BIND_HOST"] == "127.0.0.1"
    assert not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "ZAKLIK_PASSPHRASE"} & given.keys()


def test_programs_reach_it_by_the_standard_variables(python: Path) -> None:
    with engine.running(python) as running:
        variables = running.environment(key="AKIA", secret="s")

    assert variables["AWS_ENDPOINT_URL"] == running.url == f"https://127.0.0.1:{running.port}"
    assert variables["AWS_CA_BUNDLE"] == str(running.certificate)
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) == ("AKIA", "s")
    assert running.root_environment()["AWS_ACCESS_KEY_ID"] == engine.ACCOUNT


def test_what_it_said_is_told_when_it_does_not_come_up(tmp_path: Path) -> None:
    python = _program(tmp_path, 'echo "no module named ministack"; exit 3')

    with pytest.raises(NoEngine, match="no module named ministack"), engine.running(python):
        pytest.fail("it runs")


def test_where_there_is_none_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoEngine, match="make rehearse"), engine.running(tmp_path / "python"):
        pytest.fail("it runs")


def test_its_log_is_kept_where_that_is_wanted(python: Path, tmp_path: Path) -> None:
    log = tmp_path / "engine.log"

    with engine.running(python, log=log) as running:
        running.ask("health")

    assert "GET /_ministack/health" in log.read_text()
    assert os.access(log, os.R_OK)
