"""`--local` talks to the service of `make run` and to nothing else."""

import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from chalicelib.config import PREFIX, BadSetting, Settings
from chalicelib.crypto import petition_key_files
from ops.keys import development_keys, organiser_keys, wrapped_keys
from ops.keys.organiser_keys import NotAKeyFile
from ops.target import NotRunning, Target

AHEAD = timedelta(days=8)
SETTINGS = {
    f"{PREFIX}{setting.name.upper()}": "x"
    for setting in fields(Settings)
    if setting.default is MISSING
}
"""Every variable that a service cannot do without."""


class _Health(BaseHTTPRequestHandler):
    """Says what a local service says whose clock was moved."""

    answer = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_local/health" else 404)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, and an environment that is put back afterwards."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    for name in (*os.environ, *SETTINGS, "AWS_ENDPOINT_URL", "NO_PROXY", "no_proxy"):
        if name.startswith(("AWS_", "ZAKLIK_", "NO_PROXY", "no_proxy")):
            # Set, then taken away: so that what the code under test sets is undone too.
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def url() -> Iterator[str]:
    """The address of something that answers as the local service does."""
    now = datetime.now(UTC) + AHEAD
    _Health.answer = json.dumps({"ok": True, "now": now.isoformat()}).encode()
    server = HTTPServer(("127.0.0.1", 0), _Health)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def write_details(folder: Path, url: str, environment: Mapping[str, str] | None = None) -> None:
    """What the running service writes."""
    values = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_DEFAULT_REGION": "eu-central-1"}
    details = {"url": url, "environment": {**SETTINGS, **values, **(environment or {})}}
    (folder / "local.json").write_text(json.dumps(details), "utf-8")


def test_the_clock_of_the_local_service_is_followed(state_folder: Path, url: str) -> None:
    write_details(state_folder, url)

    now = Target(local=True).services.now()

    assert abs(now - datetime.now(UTC) - AHEAD) < timedelta(seconds=30)


def test_nothing_that_leads_to_a_real_service_remains(
    state_folder: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("ZAKLIK_LINK_DAYS", "30")
    write_details(state_folder, url, {"PATH": "elsewhere"})

    services = Target(local=True).services

    assert "AWS_PROFILE" not in os.environ
    assert services.settings.link_days == 7
    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert os.environ["PATH"] != "elsewhere"


def test_without_a_service_the_remedy_is_to_start_it() -> None:
    with pytest.raises(NotRunning, match=r"make run.*Did you start it with STATE_DIR\?"):
        _ = Target(local=True).services
    with pytest.raises(NotRunning, match=r"make run.*Did you start it with STATE_DIR\?"):
        Target(local=True).development_keys("open-door")


def test_a_file_left_by_a_service_that_has_stopped_is_noticed(state_folder: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        write_details(state_folder, f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(NotRunning, match="does not answer"):
            _ = Target(local=True).services


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"now": "soon"}'])
def test_another_program_on_that_port_is_not_taken_for_the_service(
    state_folder: Path, url: str, answer: bytes
) -> None:
    write_details(state_folder, url)
    _Health.answer = answer

    with pytest.raises(NotRunning, match="does not answer"):
        _ = Target(local=True).services


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 7, "environment": 7}'])
def test_a_damaged_file_is_noticed(state_folder: Path, text: str) -> None:
    (state_folder / "local.json").write_text(text, "utf-8")

    with pytest.raises(NotRunning, match="cannot be read"):
        _ = Target(local=True).services


def test_local_stays_on_this_machine(state_folder: Path, url: str) -> None:
    write_details(state_folder, url, {"AWS_ENDPOINT_URL": "https://dynamodb.amazonaws.com"})

    with pytest.raises(NotRunning, match="another machine"):
        _ = Target(local=True).services


def test_the_development_keys_are_those_of_the_state_folder(state_folder: Path) -> None:
    text = development_keys.organiser_text(state_folder)
    organiser = organiser_keys.open_key(text, development_keys.PASSPHRASE)

    keys = Target(local=True).development_keys("open-door")

    assert keys
    assert keys.proven_on
    assert keys == Target(local=True).development_keys("open-door")
    [opened] = wrapped_keys.unwrap_all(petition_key_files.to_values(keys), organiser, "open-door")
    assert opened.public_bytes == keys.current.public_key
    assert Target(local=False).development_keys("open-door") is None
    (state_folder / "organiser.key").write_text("{}", "utf-8")
    with pytest.raises(NotAKeyFile):
        Target(local=True).development_keys("shut-door")


def test_a_real_service_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting):
        _ = Target(local=False).services
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    assert Target(local=False).services.settings.petitions_table == "x"
