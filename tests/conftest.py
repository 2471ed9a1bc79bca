"""What every test may ask for."""

import gc
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend
from playwright.sync_api import sync_playwright

from chalicelib import wiring
from chalicelib.routes.logs import _JsonLines
from ops.compiling import compile_all
from ops.local.aws import REGION, MotoServer
from tests.world import World

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
)


# By default Python looks for garbage so often that it is a seventh of the suite's time.
gc.set_threshold(100_000, 50, 1000)


def pytest_sessionstart() -> None:
    """Make templates, catalogues and style sheet as the build does, once for all workers."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compile_all()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole service, made once for a module: making it takes longer than most tests."""
    with mock_aws():
        yield World(tmp_path_factory.mktemp("world"))
    wiring.install(None)


@pytest.fixture
def world(house: World) -> World:
    """The whole service with one published petition and nobody on it."""
    house.wipe()
    house.publish()
    return house


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service whose AWS is another process's, so that threads can ask it at once."""
    engine = MotoServer(0)
    engine.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.url)
    made = World(tmp_path)
    made.publish()
    services = made.services
    # Made one after another: botocore's session is not made for threads.
    _ = services.signatures, services.subscribers, services.petitions, services.sqs, services.ses
    _ = services.secrets.token_keys, services.secrets.index_key
    _ = services.secrets.mailer_public_key, services.secrets.mailer_private_key
    yield made
    engine.stop()
    wiring.install(None)
    moto_api_backend.reset()


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged, as it would be written."""
    written: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(_JsonLines().format(record)))

    keep = Keep()
    logging.getLogger("chalicelib").addHandler(keep)
    yield written
    logging.getLogger("chalicelib").removeHandler(keep)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium: this machine's, else the one that Playwright has downloaded.

    Without one, browser tests are skipped, and fail under CI=true.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    # `make test` has tried to download this one.
    with sync_playwright() as playwright:
        downloaded = Path(playwright.chromium.executable_path)
    if downloaded.exists():
        return str(downloaded)
    message = "no Chromium on this machine: browser tests did not run"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
