"""ministack, the engine that stands in for AWS: on a free loopback port, in a folder of its own.

It runs real CloudFormation and enforces IAM: an operator signs in with a key whose policy allows
everything, functions with the roles of the template. Its state is in memory and in the folder, and
both are gone when it ends.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any, Final

import urllib3

from ops.compiling import ROOT
from tests.e2e.engine import certificate, process_guard

PYTHON: Final = ROOT / ".venv-rehearsal" / "bin" / "python"
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
LOOPBACK: Final = "127.0.0.1"
_START_SECONDS: Final = 60
_LOG_TAIL_BYTES: Final = 2000
_CERTIFICATE: Final = "certificate.pem"
_KEY: Final = "key.pem"
_OURS: Final = ("AWS_", "ZAKLIK_", "PYTHON", "PIP_")


class NoEngine(Exception):
    """The engine is not installed, or does not start."""


@dataclass(frozen=True, kw_only=True)
class Ministack:
    """An engine that runs. `certificate` is the one to trust."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        """The value of AWS_ENDPOINT_URL."""
        return f"https://{LOOPBACK}:{self.port}"

    @cached_property
    def http(self) -> urllib3.HTTPSConnectionPool:
        """Connections for clients other than AWS's. Redirections are not followed."""
        return urllib3.HTTPSConnectionPool(
            LOOPBACK, self.port, ca_certs=str(self.certificate), retries=False, timeout=60
        )

    def root_environment(self) -> Mapping[str, str]:
        """The standard AWS variables of the account's root, whose key is the account's number."""
        return self.environment(key=ACCOUNT, secret=ACCOUNT)

    def environment(self, *, key: str, secret: str) -> Mapping[str, str]:
        """The standard AWS variables by which any program reaches this engine with a key."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.certificate),
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": f"{LOOPBACK},localhost",
            "no_proxy": f"{LOOPBACK},localhost",
        }

    def inspect(self, path: str) -> Any:
        """The engine's answer below `/_ministack/`. Raises urllib3's HTTPError."""
        return self.http.request("GET", f"/_ministack/{path}").json()


@contextmanager
def running(python: Path = PYTHON, *, log: Path | None = None) -> Iterator[Ministack]:
    """An engine with IAM enforced, for as long as the block lasts.

    `python` is the interpreter that has ministack; `log` the file for its output. Raises NoEngine.
    """
    if not python.exists():
        raise NoEngine(f"There is no {python}. Run `make rehearse`: it installs the engine first.")
    folder = Path(mkdtemp(prefix="zaklik-engine-"))
    port = _free_port()
    certificate.write(folder / _CERTIFICATE, folder / _KEY)
    with log.open("a+b") if log else TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, process_guard.__file__, str(folder), str(python), "-m", "ministack"],
            env=_environment(folder, port),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        engine = Ministack(port=port, certificate=folder / _CERTIFICATE)
        try:
            _wait_until_healthy(engine, process, output)
            yield engine
        finally:
            engine.http.close()
            if process.stdin:
                process.stdin.close()
            process.wait()


def _environment(folder: Path, port: int) -> Mapping[str, str]:
    """The variables of the engine and of every function that it starts, without our settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return inherited | {
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "localhost",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(folder / _CERTIFICATE),
        "MINISTACK_SSL_KEY": str(folder / _KEY),
        # Functions inherit it, and reach nothing but the engine.
        "AWS_CA_BUNDLE": str(folder / _CERTIFICATE),
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
    }


def _wait_until_healthy(
    engine: Ministack, process: "subprocess.Popen[bytes]", output: IO[bytes]
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            engine.inspect("health")
        except (urllib3.exceptions.HTTPError, ValueError):
            time.sleep(0.05)
        else:
            return
    output.seek(0)
    tail = output.read()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
    ended = "ended" if process.poll() is not None else f"was silent for {_START_SECONDS} seconds"
    raise NoEngine(f"The engine {ended} instead of starting. Its output: {tail or 'nothing'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
