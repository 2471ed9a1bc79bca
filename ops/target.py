"""Which service a command talks to.

The one that ZAKLIK_* variables name; else the one that deploy.toml has deployed; with --local, the
one of `make run`.
"""

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ops.errors import CannotContinue

if TYPE_CHECKING:
    from chalicelib.wiring import Services

STATE_FOLDER_VARIABLE: Final = "STATE_DIR"
STATE_FOLDER: Final = ".local"
LOCAL_FILE: Final = "local.json"
DEVELOPMENT_KEY_FILE: Final = "organiser.key"
_HEALTH: Final = "/_local/health"
_PATIENCE_SECONDS: Final = 3
_OURS: Final = ("AWS_", "ZAKLIK_")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class NotRunning(CannotContinue):
    """No service runs on this machine for this state folder."""


@dataclass(kw_only=True)
class Stage:
    """One stage of the service, as a command sees it."""

    local: bool

    @cached_property
    def services(self) -> "Services":
        """What use cases need.

        Raises NotRunning; BadSetting when a variable is missing, or when nothing names a service;
        CannotContinue when what deploy.toml describes is not deployed.
        """
        # Imported here: `zaklik --help` needs no AWS library.
        from chalicelib.config import settings_from  # noqa: PLC0415
        from chalicelib.wiring import Services  # noqa: PLC0415

        if not self.local:
            return _named() or _deployed() or Services(settings=settings_from())
        running = _read_running(state_folder() / LOCAL_FILE)
        ahead = _ask_clock(running.url) - datetime.now(UTC)
        _enter(running.environment)
        return Services(settings=settings_from(), now=lambda: datetime.now(UTC) + ahead)

    def development_key(self) -> bytes | None:
        """The public key made by the local service; None for a real one."""
        if not self.local:
            return None
        from ops.keys import organiser_keys  # noqa: PLC0415

        path = state_folder() / DEVELOPMENT_KEY_FILE
        if not path.exists():
            raise NotRunning(
                f"There is no {path} yet. Start the service once with `make run`. "
                f"Did you start it with {STATE_FOLDER_VARIABLE}? Set it here, too."
            )
        return organiser_keys.public_key(organiser_keys.read_key_file(path))


def _named() -> "Services | None":
    """The service that the environment names; None if no variable of it is set."""
    from chalicelib.config import PREFIX, Settings, settings_from  # noqa: PLC0415
    from chalicelib.wiring import Services  # noqa: PLC0415

    variables = {PREFIX + setting.name.upper() for setting in fields(Settings)}
    if variables.isdisjoint(os.environ):
        return None
    return Services(settings=settings_from())


def _deployed() -> "Services | None":
    """The service that deploy.toml has deployed; None without that file."""
    from ops.deploy import deployed  # noqa: PLC0415
    from ops.deploy.settings import FILE, read_settings  # noqa: PLC0415

    return deployed.services(read_settings(FILE)) if FILE.exists() else None


@dataclass(frozen=True, kw_only=True)
class _Running:
    """What the local service says of itself: its address, and the variables to reach its AWS."""

    url: str
    environment: Mapping[str, str]


def state_folder() -> Path:
    """Where the local service keeps its state: STATE_DIR, else `.local` in this folder."""
    return Path(os.environ.get(STATE_FOLDER_VARIABLE) or STATE_FOLDER)


def _read_running(path: Path) -> _Running:
    try:
        values = json.loads(path.read_text("utf-8"))
        running = _Running(url=values["url"], environment=dict(values["environment"]))
        endpoint = running.environment["AWS_ENDPOINT_URL"]
    except FileNotFoundError:
        raise NotRunning(
            f"No service runs here: there is no {path}. Start it with `make run` in another "
            f"window. Did you start it with {STATE_FOLDER_VARIABLE}? Set it here, too."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise NotRunning(
            f"{path} cannot be read. Stop the service, delete the file, and `make run` again."
        ) from error
    if not {urlsplit(address).hostname for address in (running.url, endpoint)} <= _LOOPBACK:
        raise NotRunning(f"{path} leads to another machine; --local stays on this one.")
    return running


def _ask_clock(url: str) -> datetime:
    """What time it is for the local service: its clock can be moved. Raises NotRunning."""
    # A proxy of this machine is not asked for a loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url + _HEALTH, timeout=_PATIENCE_SECONDS) as answer:
            health: dict[str, Any] = json.load(answer)
        return datetime.fromisoformat(health["now"]).astimezone(UTC)
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise NotRunning(
            f"The service at {url} does not answer: it has stopped, or is just starting. "
            "Start it with `make run` in another window, and wait until it says that it is ready."
        ) from error


def _enter(environment: Mapping[str, str]) -> None:
    """Take over the local service's variables, and forget all that could lead to a real one."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ.update(
        {name: value for name, value in environment.items() if name.startswith(_OURS)}
    )
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(sorted(_LOOPBACK))
