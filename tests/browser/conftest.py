"""Fixtures: the running service, a browser, visitors, and the command."""

import signal
from collections.abc import Callable, Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import DeskVisitor
from tests.browser.visitors import Visitor
from tests.ops.local.conftest import LocalRun

_RUNNING: pytest.StashKey[LocalRun] = pytest.StashKey()
ARGUMENTS = (
    # Chromium 150 has the hybrid KEM of our seals behind this feature, later ones by default.
    "--enable-features=WebCryptoPQC",
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
    """The service, as `make run` starts it, with its own state folder."""
    running = LocalRun(tmp_path_factory.mktemp("service"), "0")
    pytestconfig.stash[_RUNNING] = running
    yield running
    assert running.end(signal.SIGTERM) == 0
    # While an alert is paused, as some tests do, each minute raises the alarm again.
    assert [line for line in running.error_lines if "paused alert" not in line] == []


# Not of session scope: Playwright's event loop would block those of other tests.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium; every visitor has a browser context."""
    with sync_playwright() as playwright:
        chromium_browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield chromium_browser
        chromium_browser.close()


@pytest.fixture
def arrive(service: LocalRun, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; checks them for errors after the test."""
    visitors: list[Visitor] = []

    def arrive_here(**options: object) -> Visitor:
        visitors.append(Visitor.arrive(service, browser, **options))  # type: ignore[arg-type]
        return visitors[-1]

    yield arrive_here
    for visitor in visitors:
        visitor.leave()


@pytest.fixture(scope="package")
def zaklik(service: LocalRun) -> Callable[..., str]:
    """Runs a command against the running service; returns its output."""

    return service.zaklik


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the service's complaints to the report of a failure."""
    report = yield
    running = item.config.stash.get(_RUNNING, None)
    if report.failed and running is not None:
        report.sections.append(("Complaints of the service", "\n".join(running.error_lines)))
    return report


@pytest.fixture
def arrive_at_desk(service: LocalRun, browser: Browser) -> Iterator[Callable[..., DeskVisitor]]:
    """Makes organisers with an authenticator each; checks them for errors after the test."""
    visitors: list[DeskVisitor] = []

    def arrive_here(**options: int) -> DeskVisitor:
        visitors.append(DeskVisitor.arrive(service, browser, **options))
        return visitors[-1]

    yield arrive_here
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def desk_page(
    arrive_at_desk: Callable[..., DeskVisitor], zaklik: Callable[..., str]
) -> DeskVisitor:
    """A steward of the service's petition, who is signed in and has a passkey."""
    visitor = arrive_at_desk()
    visitor.join(zaklik, "Hanna")
    return visitor
