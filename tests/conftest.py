"""What every test may ask for."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib import wiring
from ops.compiling import compile_all
from ops.local.aws import REGION
from tests.world import World

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
)


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Templates, catalogues and style sheet as the build makes them."""
    compile_all()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The whole service with one published petition and nobody on it."""
    with mock_aws():
        made = World(tmp_path)
        made.publish()
        yield made
    wiring.install(None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one, browser tests are skipped, and fail under CI=true."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    message = "no Chromium on this machine: browser tests did not run"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
