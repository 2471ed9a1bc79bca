"""The real service, a real browser, and visitors."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from ops.compiling import ROOT
from tests.browser.visitors import Visitor
from tests.ops.local.conftest import LocalRun

_RUNNING: pytest.StashKey[LocalRun] = pytest.StashKey()
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def service(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[LocalRun]:
    """The whole service, as `make run` starts it, with a state folder of its own."""
    running = LocalRun(tmp_path_factory.mktemp("service"), "0")
    pytestconfig.stash[_RUNNING] = running
    yield running
    assert running.end(signal.SIGTERM) == 0
    assert running.error_lines == []


# Not for the session: Playwright's loop would stand in the way of other tests' own.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium; every visitor has an empty one of their own in it."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def arrive(service: LocalRun, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Lets visitors arrive; when the test is over they leave, with nothing to tell."""
    visitors: list[Visitor] = []

    def arrive_here(**wishes: object) -> Visitor:
        visitors.append(Visitor.arrive(service, browser, **wishes))  # type: ignore[arg-type]
        return visitors[-1]

    yield arrive_here
    for visitor in visitors:
        visitor.leave()


@pytest.fixture(scope="package")
def zaklik(service: LocalRun) -> Callable[..., str]:
    """The command, as an organiser types it beside the running service; what it says."""

    def type_command(*words: str | Path) -> str:
        said = subprocess.run(
            [sys.executable, "-m", "ops.cli", "--local", *words],
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(service.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    return type_command


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, show what the service had to complain about."""
    report = yield
    running = item.config.stash.get(_RUNNING, None)
    if report.failed and running is not None:
        report.sections.append(("The service said", "\n".join(running.error_lines)))
    return report
