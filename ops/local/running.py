"""From the command to the end of the process: one state folder, one port, two signals."""

import logging
import shlex
import signal
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from chalicelib.routes import logs
from ops.errors import CannotContinue
from ops.local.http_server import Gateway
from ops.local.service import Service
from ops.local.state import InUse, StateFolder, owner_only

DEFAULT_PORT: Final = "8000"
DEFAULT_FOLDER: Final = ".local"
LOG_FILE: Final = "service.log"

_END: Final = (signal.SIGINT, signal.SIGTERM)
_LONGEST_LOG_BYTES: Final = 5_000_000


def run(*, port: str, folder: Path) -> int:
    """Run until SIGINT or SIGTERM. Returns the exit status of the process."""
    # Blocked in every thread that is to come, so that none but `sigwait` below takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END)
    try:
        # The port first: when it is taken, no state folder is left behind.
        gateway = _listen(port)
        try:
            state = _open(folder)
            try:
                _serve(state, gateway)
            finally:
                state.close()
        finally:
            gateway.server_close()
    except CannotContinue as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(state: StateFolder, gateway: Gateway) -> None:
    _log_to(state.path / LOG_FILE)
    service = Service(state, gateway)
    service.start()
    print(f"Zaklik is ready: {service.url}/", flush=True)
    print(f"Mails that it sends are kept at {service.url}/_local/outbox", flush=True)
    if state.path != Path(DEFAULT_FOLDER).resolve():
        folder = shlex.quote(str(state.path))
        print(f"For `zaklik --local` in another window: export STATE_DIR={folder}", flush=True)
    signal.sigwait(_END)
    service.stop()


def _open(folder: Path) -> StateFolder:
    try:
        return StateFolder(folder)
    except InUse as error:
        raise CannotContinue(
            f"Another Zaklik works with {folder}. Stop it, or set STATE_DIR to another folder."
        ) from error
    except OSError as error:
        raise CannotContinue(
            f"{folder} cannot be used ({error.strerror}). Set STATE_DIR to another folder."
        ) from error


def _listen(port: str) -> Gateway:
    try:
        return Gateway(int(port))
    except (ValueError, OverflowError) as error:
        raise CannotContinue(f"PORT must be a number up to 65535, not {port}.") from error
    except OSError as error:
        raise CannotContinue(
            f"Port {port} is taken. Stop what uses it, or choose another: PORT={_another(port)}"
        ) from error


def _another(port: str) -> int:
    return int(port) + 1 if int(port) < 65535 else 8000


class _PrivateLog(RotatingFileHandler):
    """A log that only its owner can read, also after it has begun a new file."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=owner_only)


def _log_to(path: Path) -> None:
    """Our log lines go to a file; the terminal sees warnings."""
    logs.configure()
    service = logging.getLogger("chalicelib")
    shape = service.handlers[0].formatter
    file = _PrivateLog(path, maxBytes=_LONGEST_LOG_BYTES, backupCount=1)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(shape)
    for logger in (service, logging.getLogger("ops")):
        logger.handlers = [file, terminal]
        logger.setLevel(logging.INFO)
        logger.propagate = False
