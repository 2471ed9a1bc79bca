"""The package, built once, unpacked once, and a stage for it."""

import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ops import build
from ops.compiling import ROOT
from tests.package.runtime_api import install_runtime
from tests.package.stage import Stage

SECRET = "planted: must never be packed"
"""Lies in every place of the tree where something secret or local could lie."""
_TREE = ("app.py", "chalicelib", "ops", "locale", "petitions", "templates", "requirements.txt")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which somebody has worked."""
    folder = tmp_path_factory.mktemp("project")
    for name in _TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    for name in ("config.json", "resources.json"):
        (folder / ".chalice").mkdir(exist_ok=True)
        shutil.copyfile(ROOT / ".chalice" / name, folder / ".chalice" / name)
    for path in ("organiser.key", ".env", ".local/local.json", "ops/local/notes.txt", "build/old"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(SECRET)
    return folder


@pytest.fixture(scope="session")
def package(project: Path) -> Path:
    """The path of deployment.zip; the template lies beside it."""
    return build.make(project, project / "build")


@pytest.fixture(scope="session")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare folder that holds the package, as /var/task does."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Lambda brings along itself."""
    if sys.platform != "linux":
        pytest.skip("the package is built for Linux and does not run here")
    folder = tmp_path_factory.mktemp("runtime")
    install_runtime(folder)
    return folder


@pytest.fixture
def stage(
    unpacked: Path, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """The service in its package, with one open petition and nobody on it."""
    made = Stage(package=unpacked, runtime=runtime, folder=tmp_path, setenv=monkeypatch.setenv)
    with closing(made):
        yield made
