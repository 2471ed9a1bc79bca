"""The package, built once for all workers, unpacked once for each, and the service in it."""

import fcntl
import platform
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from ops.build import packaging
from ops.compiling import ROOT
from tests.package.packaged_service import PackagedService
from tests.package.runtime_api import install_runtime

SECRET = "planted: must never be packed"
"""Lies in every place of the tree where something secret or local could lie."""
HERE: Final = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
ELSEWHERE: Final = "x86_64" if HERE == "arm64" else "arm64"
_TREE = ("app.py", "chalicelib", "ops", "locale", "petitions", "templates", "requirements.txt")


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, made by the first worker that asks; the others wait for it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run see."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def project(shared: Path) -> Path:
    """A copy of the tree in which somebody has worked."""
    return once(shared / "project", _copy_the_tree)


def _copy_the_tree(folder: Path) -> None:
    for name in _TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".chalice").mkdir()
    for path in (ROOT / ".chalice").iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / ".chalice" / path.name)
    for name in ("organiser.key", ".env", ".local/local.json", "ops/local/notes.txt", "build/old"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(SECRET)


@pytest.fixture(scope="session")
def package(project: Path, shared: Path) -> Path:
    """The path of deployment.zip for this machine; the template lies beside it."""
    built = once(shared / HERE, lambda folder: packaging.make(project, folder, HERE))
    return built / packaging.PACKAGE


@pytest.fixture(scope="session")
def foreign_package(project: Path, shared: Path) -> Path:
    """The path of deployment.zip for the other kind of machine."""
    built = once(shared / ELSEWHERE, lambda folder: packaging.make(project, folder, ELSEWHERE))
    return built / packaging.PACKAGE


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
def service(
    unpacked: Path, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PackagedService]:
    """The service in its package, with one open petition that nobody has signed."""
    made = PackagedService(
        package=unpacked, runtime=runtime, folder=tmp_path, setenv=monkeypatch.setenv
    )
    with closing(made):
        yield made
