"""Which service a command talks to.

The one that ZAKLIK_* variables name; else the one that deploy.toml has deployed; with --local, the
one of `make run`.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
import urllib3

from chalicelib.config import PREFIX, Settings, settings_from
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.wiring import Services
from ops.deploy import deployed
from ops.deploy.settings import FILE, read_settings
from ops.errors import CannotContinue
from ops.keys import development_keys
from ops.terminal import command_hint

STATE_FOLDER_VARIABLE: Final = "STATE_DIR"
STATE_FOLDER: Final = ".local"
LOCAL_FILE: Final = "local.json"
_HEALTH: Final = "/_local/health"
_TIMEOUT_SECONDS: Final = 3
_PREFIXES: Final = ("AWS_", "ZAKLIK_")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OTHER_FOLDER: Final = f"Did you start it with {STATE_FOLDER_VARIABLE}? Set it here, too."


class NotRunning(CannotContinue):
    """No service runs on this machine for this state folder."""


@dataclass(kw_only=True)
class Target:
    """The service that a command talks to."""

    local: bool = field(default_factory=command_hint.is_local)

    @cached_property
    def services(self) -> Services:
        """What use cases need.

        Raises NotRunning; BadSetting when a variable is missing, or when nothing names a service;
        CannotContinue when what deploy.toml describes is not deployed.
        """
        if self.local:
            return _local()
        if any(PREFIX + setting.name.upper() in os.environ for setting in fields(Settings)):
            return Services(settings=settings_from(), max_attempts=deployed.MAX_ATTEMPTS)
        if FILE.exists():
            return deployed.services(read_settings(FILE))
        return Services(settings=settings_from())

    def development_keys(self, slug: str) -> PetitionKeys | None:
        """The local service's keys of a petition; None for a real service. Raises NotRunning."""
        if not self.local:
            return None
        path = state_folder() / development_keys.ORGANISER_FILE
        if not path.exists():
            raise NotRunning(
                f"There is no {path} yet. Start the service once with `make run`. {_OTHER_FOLDER}"
            )
        return development_keys.petition_keys_of(state_folder(), slug)


pass_target: Final = click.make_pass_decorator(Target, ensure=True)
"""Gives a command its Target as the first argument."""


def state_folder() -> Path:
    """Where the local service keeps its state: STATE_DIR, else `.local` in this folder."""
    return Path(os.environ.get(STATE_FOLDER_VARIABLE) or STATE_FOLDER)


def _local() -> Services:
    """The service of `make run`, and its clock, which can be moved."""
    url, environment = _read_local_file(state_folder() / LOCAL_FILE)
    ahead = _local_time(url) - datetime.now(UTC)
    _use_environment(environment)
    return Services(settings=settings_from(), now=lambda: datetime.now(UTC) + ahead)


def _read_local_file(path: Path) -> tuple[str, Mapping[str, str]]:
    """The URL of the local service, and the variables that lead to its AWS. Raises NotRunning."""
    try:
        values = json.loads(path.read_text("utf-8"))
        url, environment = values["url"], dict(values["environment"])
        hosts = {urlsplit(address).hostname for address in (url, environment["AWS_ENDPOINT_URL"])}
    except FileNotFoundError:
        raise NotRunning(
            f"No service runs here: there is no {path}. Start it with `make run` in another "
            f"window. {_OTHER_FOLDER}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotRunning(
            f"{path} cannot be read. Stop the service, delete the file, and `make run` again."
        ) from error
    if not hosts <= _LOOPBACK:
        raise NotRunning(f"{path} leads to another machine; --local stays on this one.")
    return url, environment


def _local_time(url: str) -> datetime:
    """What time it is for the local service. Raises NotRunning."""
    try:
        response = urllib3.request("GET", url + _HEALTH, timeout=_TIMEOUT_SECONDS, retries=False)
        health: dict[str, Any] = response.json()
        return datetime.fromisoformat(health["now"]).astimezone(UTC)
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NotRunning(
            f"The service at {url} does not answer. Start it with `make run` in another window, "
            "and wait until it says that it is ready."
        ) from error


def _use_environment(environment: Mapping[str, str]) -> None:
    """Take over the local service's variables, and drop all that could lead to a real one."""
    for name in [name for name in os.environ if name.startswith(_PREFIXES)]:
        del os.environ[name]
    os.environ.update(
        {name: value for name, value in environment.items() if name.startswith(_PREFIXES)}
    )
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(sorted(_LOOPBACK))
