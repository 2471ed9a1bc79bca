"""The local service, as `make run` starts it, in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.instruments.moto_service import UnexpectedAnswer
from ops.compiling import ROOT

_READY: Final = "Zaklik is ready: "
_PATIENCE_SECONDS: Final = 60


@contextmanager
def running() -> Iterator[str]:
    """The service on a free port with nothing kept; its address, without a slash at the end."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops.local"],
            cwd=ROOT,
            env={**os.environ, "PORT": "0", "STATE_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        stdout = process.stdout
        assert stdout
        try:
            ready = next((line for line in stdout if line.startswith(_READY)), "")
            if not ready:
                raise UnexpectedAnswer("the local service did not start")
            yield ready.removeprefix(_READY).strip().rstrip("/")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            stdout.close()
