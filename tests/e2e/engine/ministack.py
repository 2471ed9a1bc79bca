"""The engine that stands in for AWS: ministack, on a free loopback port, in a folder of its own.

It runs real CloudFormation and, as asked for here, enforces IAM: an operator signs in with a key
whose policy allows everything, functions with the roles of the template. What it keeps, it keeps
in memory and in the folder, and both are gone when it ends.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any, Final

from ops.errors import CannotContinue
from ops.rehearsal import certificate, guard

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-rehearsal" / "bin" / "python"
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
_PATIENCE_SECONDS: Final = 60
_LAST_WORDS_BYTES: Final = 2000
_LOOPBACK: Final = "127.0.0.1"
_CERTIFICATE: Final = "certificate.pem"
_KEY: Final = "key.pem"
_FOREIGN: Final = ("AWS_", "ZAKLIK_", "PYTHON", "PIP_")


class NoEngine(CannotContinue):
    """The engine is not installed, or does not come up."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine that runs."""

    port: int
    certificate: Path
    """What its TLS is to be trusted by."""

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL is set to."""
        return f"https://{_LOOPBACK}:{self.port}"

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """For clients that are no AWS clients."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def root_environment(self) -> Mapping[str, str]:
        """The standard AWS variables for the account's root: the engine takes its number as key."""
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
            "NO_PROXY": f"{_LOOPBACK},localhost",
            "no_proxy": f"{_LOOPBACK},localhost",
        }

    def ask(self, path: str) -> Any:
        """What the engine says of itself below `/_ministack/`. Raises OSError."""
        # A proxy of this machine is not asked for a loopback address.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.trust)
        )
        with opener.open(f"{self.url}/_ministack/{path}", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running(python: Path = PYTHON, *, log: Path | None = None) -> Iterator[Engine]:
    """An engine with IAM enforced, for as long as the block lasts; then nothing of it is left.

    `python` is the interpreter that has ministack; `log` a file for what it says, kept afterwards.
    Raises NoEngine.
    """
    if not python.exists():
        raise NoEngine(f"There is no {python}. Run `make rehearse`: it installs the engine first.")
    folder = Path(mkdtemp(prefix="zaklik-engine-"))
    port = _free_port()
    certificate.write(folder / _CERTIFICATE, folder / _KEY)
    with log.open("a+b") if log else TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, guard.__file__, str(folder), str(python), "-m", "ministack"],
            env=_environment(folder, port),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            engine = Engine(port=port, certificate=folder / _CERTIFICATE)
            _wait(engine, process, said)
            yield engine
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait()


def _environment(folder: Path, port: int) -> Mapping[str, str]:
    """For the engine and every function that it starts: nothing of ours leaks into them."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return inherited | {
        "AUTH": "true",
        "BIND_HOST": _LOOPBACK,
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
        # Functions inherit it, and need trust nobody else.
        "AWS_CA_BUNDLE": str(folder / _CERTIFICATE),
        "NO_PROXY": f"{_LOOPBACK},localhost",
        "no_proxy": f"{_LOOPBACK},localhost",
    }


def _wait(engine: Engine, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            engine.ask("health")
        except (OSError, ValueError):
            time.sleep(0.05)
        else:
            return
    said.seek(0)
    last = said.read()[-_LAST_WORDS_BYTES:].decode("utf-8", "replace")
    ended = "ended" if process.poll() is not None else f"was silent for {_PATIENCE_SECONDS} seconds"
    raise NoEngine(f"The engine {ended} instead of coming up. It said: {last or 'nothing'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
