"""The Lambda Runtime API on loopback, and functions that run under it as Lambda runs them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

_RUNTIME: Final = ("awslambdaric", "simplejson", "snapshot-restore-py")
"""What Lambda brings along itself."""
_ROOT: Final = "/2018-06-01/runtime/"
_ARN: Final = "arn:aws:lambda:eu-central-1:123456789012:function:zaklik"
_MOST_SECONDS: Final = 30
_CPU_CLOCK: Final = 2
"""With the complement of a process's id before it, the number of that process's clock of CPU time:
what clock_getcpuclockid(3) answers on Linux, which Python does not offer."""


class FunctionFailed(Exception):
    """The function answered with an error, or did not answer. Holds what it said."""


@dataclass(frozen=True)
class _Invocation:
    id: str
    event: bytes


class RuntimeApi:
    """Hands events to one function and takes its answers."""

    def __init__(self) -> None:
        self._events: queue.Queue[_Invocation] = queue.Queue()
        self._answers: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def address(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API is set to."""
        return f"127.0.0.1:{self._server.server_port}"

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Hand over an event and wait for the answer. Raises FunctionFailed."""
        self._events.put(_Invocation(str(uuid.uuid4()), json.dumps(event).encode()))
        try:
            kind, payload = self._answers.get(timeout=_MOST_SECONDS)
        except queue.Empty:
            raise FunctionFailed("no answer") from None
        if kind != "response":
            raise FunctionFailed(payload.decode())
        return json.loads(payload)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        events, answers = self._events, self._answers

        class RuntimeApiHandler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """`invocation/next`: waits until there is something to do."""
                invocation = events.get()
                self.send_response(HTTPStatus.OK)
                self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.id)
                self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", _ARN)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(invocation.event)))
                self.end_headers()
                self.wfile.write(invocation.event)

            def do_POST(self) -> None:
                """`invocation/<id>/response`, `invocation/<id>/error` or `init/error`."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(HTTPStatus.ACCEPTED)
                self.send_header("Content-Length", "0")
                self.end_headers()
                answers.put((self.path.removeprefix(_ROOT).rpartition("/")[2], body))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        return RuntimeApiHandler


class Function:
    """One Lambda function: a process of its own in the unpacked package, with nothing else to see.

    No site-packages of the tests: what it imports is the package, the standard library, and the
    runtime that Lambda brings along.
    """

    def __init__(
        self,
        handler: str,
        *,
        package: Path,
        runtime: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self._api = RuntimeApi()
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=package,
            env={
                **environment,
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "AWS_LAMBDA_FUNCTION_NAME": "zaklik",
                "LAMBDA_TASK_ROOT": str(package),
                "PYTHONPATH": f"{package}:{runtime}",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Hand over an event and wait for the answer. Raises FunctionFailed."""
        return self._api.invoke(event)

    def cpu_seconds(self) -> float:
        """CPU seconds that the process has used since it was started."""
        return time.clock_gettime((~self._process.pid << 3) | _CPU_CLOCK)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._log.close()
        self._api.close()


def install_runtime(target: Path) -> None:
    """Copy what Lambda brings along itself into a folder of its own."""
    for name in _RUNTIME:
        for file in distribution(name).files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                copy = target / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), copy)
