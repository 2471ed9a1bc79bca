"""`python -m ops.local`: what `make run` starts. PORT and STATE_DIR say where."""

import logging
import os
import shlex
import signal
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from chalicelib.rendering import desk_urls
from chalicelib.routes import logs
from ops.errors import CannotContinue
from ops.keys import development_keys
from ops.local.http_server import HttpServer
from ops.local.outbox import owner_only
from ops.local.service import LocalService
from ops.local.state import FolderInUse, StateFolder

DEFAULT_PORT: Final = "8000"
DEFAULT_FOLDER: Final = ".local"
LOG_FILE: Final = "service.log"

_END_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_MAX_LOG_BYTES: Final = 5_000_000


def run(*, port: str, folder: Path) -> int:
    """Run until SIGINT or SIGTERM. Returns the exit status of the process."""
    # Blocked in every thread that starts later, so that only `sigwait` below takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    try:
        # The port first: when it is taken, no state folder is left behind.
        with _listen(port) as server, _open(folder) as state:
            _serve(state, server)
    except CannotContinue as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(state: StateFolder, server: HttpServer) -> None:
    _log_to(state.path / LOG_FILE)
    service = LocalService(state, server)
    service.start()
    print(f"Zaklik is ready: {service.url}/", flush=True)
    print(f"Mails that it sends are kept at {service.url}/_local/outbox", flush=True)
    print(f"Organisers work at {service.desk_url}{desk_urls.HOME}", flush=True)
    key = state.path / development_keys.ORGANISER_FILE
    print(f"Lists open with {key}, passphrase “{development_keys.PASSPHRASE}”", flush=True)
    if service.invited:
        print("The first of them is invited: the mail is in the outbox", flush=True)
    if state.path != Path(DEFAULT_FOLDER).resolve():
        folder = shlex.quote(str(state.path))
        print(f"For `zaklik --local` in another window: export STATE_DIR={folder}", flush=True)
    signal.sigwait(_END_SIGNALS)
    service.stop()


def _open(folder: Path) -> StateFolder:
    try:
        return StateFolder(folder)
    except FolderInUse as error:
        raise CannotContinue(
            f"Another Zaklik works with {folder}. Stop it, or set STATE_DIR to another folder."
        ) from error
    except OSError as error:
        raise CannotContinue(
            f"{folder} cannot be used ({error.strerror}). Set STATE_DIR to another folder."
        ) from error


def _listen(port: str) -> HttpServer:
    try:
        return HttpServer(int(port))
    except (ValueError, OverflowError) as error:
        raise CannotContinue(f"PORT must be a number up to 65535, not {port}.") from error
    except OSError as error:
        next_port = int(port) + 1 if int(port) < 65535 else 8000
        raise CannotContinue(
            f"Port {port} is taken. Stop what uses it, or choose another: PORT={next_port}"
        ) from error


class _OwnerOnlyLog(RotatingFileHandler):
    """A log file that only its owner can read, after a rollover too."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=owner_only)


def _log_to(path: Path) -> None:
    """Write our log lines to a file, and warnings to the terminal as well."""
    logs.configure()
    service = logging.getLogger("chalicelib")
    formatter = service.handlers[0].formatter
    file = _OwnerOnlyLog(path, maxBytes=_MAX_LOG_BYTES, backupCount=1)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(formatter)
    for logger in (service, logging.getLogger("ops")):
        logger.handlers = [file, terminal]
        logger.setLevel(logging.INFO)
        logger.propagate = False


if __name__ == "__main__":
    sys.exit(
        run(
            port=os.environ.get("PORT") or DEFAULT_PORT,
            folder=Path(os.environ.get("STATE_DIR") or DEFAULT_FOLDER),
        )
    )
