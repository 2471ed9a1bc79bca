"""The fixtures of all tests."""

import gc
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend
from playwright.sync_api import sync_playwright

from chalicelib import wiring
from chalicelib.routes.logs import _JsonLines
from ops.compiling import compile_all
from ops.local import moto_patches
from ops.local.aws import REGION, MotoServer
from tests.world import World

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
)


# With Python's defaults, garbage collection is a seventh of the suite's time.
gc.set_threshold(100_000, 50, 1000)


def pytest_sessionstart() -> None:
    """Compile templates, catalogues and style sheet as the build does, once for all workers."""
    moto_patches.install()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compile_all()


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole service, made once for a module: it takes longer to make than most tests run."""
    with mock_aws():
        yield World(tmp_path_factory.mktemp("world"))
    wiring.install(None)


@pytest.fixture(scope="module")
def published(shared_world: World) -> Callable[[], None]:
    """What puts back the service as it is with one published petition and no signature."""
    shared_world.reset()
    shared_world.publish()
    return shared_world.snapshot()


@pytest.fixture
def world(shared_world: World, published: Callable[[], None]) -> World:
    """The whole service with one published petition and no signature."""
    published()
    return shared_world


@pytest.fixture
def threaded_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service that threads can use at once: its AWS is a server that takes one call at a time."""
    # A test before this one may have left tables behind.
    moto_api_backend.reset()
    server = MotoServer(0)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    world = World(tmp_path)
    world.publish()
    services = world.services
    # Clients are made before there are threads: botocore's session is not safe for them.
    _ = services.signatures, services.subscribers, services.petitions, services.sqs, services.ses
    _ = services.secrets.token_keys, services.secrets.index_keys
    _ = services.secrets.mailer_public_keys, services.secrets.mailer_private_keys
    yield world
    server.stop()
    wiring.install(None)
    moto_api_backend.reset()


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """The log lines of the service, parsed."""
    lines: list[dict[str, Any]] = []

    class ListHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(_JsonLines().format(record)))

    handler = ListHandler()
    logging.getLogger("chalicelib").addHandler(handler)
    yield lines
    logging.getLogger("chalicelib").removeHandler(handler)


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
