"""The local service in a process of its own, on a free port, with a state folder of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import boto3
import pytest
import urllib3

from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import tallies

ROOT = Path(__file__).parents[3]
READY = "Zaklik is ready: "
MAX_WAIT_SECONDS = 60.0


class LocalRun:
    """One run of `python -m ops.local`."""

    def __init__(self, folder: Path, port: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ops.local"],
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(folder), "PORT": port},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.error_lines: list[str] = []
        self._new_line = threading.Condition()
        for stream, lines in (
            (self.process.stdout, self.lines),
            (self.process.stderr, self.error_lines),
        ):
            threading.Thread(target=self._read, args=(stream, lines), daemon=True).start()
        self.url = self._wait_until_ready()
        self._http = urllib3.PoolManager(retries=False)

    def _read(self, stream: IO[str], lines: list[str]) -> None:
        for line in stream:
            with self._new_line:
                lines.append(line.rstrip("\n"))
                self._new_line.notify_all()
        stream.close()

    def _wait_until_ready(self) -> str:
        def ready() -> str | None:
            return next((line for line in self.lines if line.startswith(READY)), None)

        with self._new_line:
            self._new_line.wait_for(ready, timeout=MAX_WAIT_SECONDS)
        line = ready()
        assert line is not None, self.error_lines
        return line.removeprefix(READY)

    def ask(self, method: str, path: str, **request: Any) -> urllib3.BaseHTTPResponse:
        return self._http.request(method, self.url.rstrip("/") + path, **request)

    def get(self, path: str, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str]) -> urllib3.BaseHTTPResponse:
        return self.ask("POST", path, fields=fields, encode_multipart=False)

    def end(self, number: signal.Signals) -> int:
        """End it with a signal; its exit status."""
        self.close()
        self.process.send_signal(number)
        return self.process.wait(timeout=MAX_WAIT_SECONDS)

    def close(self) -> None:
        self._http.clear()

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of `zaklik --local`."""
        return subprocess.run(
            [sys.executable, "-m", "ops.cli", "--local", *words],
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def zaklik(self, *words: str | Path) -> str:
        """The output of a command that succeeds."""
        result = self.run(*words)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def outbox(self) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = self.get("/_local/outbox.json").json()
        return mails

    def public_count(self, slug: str = "belarus-mothers") -> int:
        """The count that the public is shown."""
        return int(self.get(f"/api/petitions/{slug}/count").json()["count"])

    def count(self, slug: str = "belarus-mothers") -> int:
        """The exact count, from the service's own tables: the public is shown less."""
        environment = json.loads((self.folder / "local.json").read_text("utf-8"))["environment"]
        client = boto3.client("dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"])
        return tallies.get(
            Table(name=environment["ZAKLIK_PETITIONS_TABLE"], client=client), slug
        ).count


def eventually(check: Callable[[], Any]) -> Any:
    """What `check` returns as soon as that is true."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not (result := check()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return result


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], LocalRun]]:
    """Starts the service, again and again if a test asks, on one state folder."""
    runs: list[LocalRun] = []

    def start_again() -> LocalRun:
        runs.append(LocalRun(tmp_path / "state", "0"))
        return runs[-1]

    yield start_again
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        run.close()
