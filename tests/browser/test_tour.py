"""docs/tour.md as a test: *words* are pressed, **words** must be visible."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from ops.compiling import ROOT
from ops.keys.development_keys import PASSPHRASE
from tests.browser.visitors import WITH_WELCOME, Visitor
from tests.ops.local.conftest import LocalRun, eventually

PROGRAM: Final = ".venv/bin/zaklik"
ADDRESS: Final = "http://127.0.0.1:8000"
EMAIL: Final = "hanna@example.org"
STEPS: Final = dict(
    re.findall(
        r"^## (.*?)\n(.*?)(?=^## |\Z)",
        (ROOT / "docs/tour.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
_WORDS: Final = re.compile(r"\*\*(?P<visible>[^*]+)\*\*|\*(?P<pressed>[^*]+)\*")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalRun]:
    """A new service, with its state where `make run` keeps it."""
    running = LocalRun(tmp_path / ".local", "0")
    yield running
    assert running.end(signal.SIGTERM) == 0


@pytest.fixture
def run_commands(service: LocalRun, tmp_path: Path) -> Callable[[str], str]:
    """Runs the commands of a step; returns their output."""

    def run(step: str) -> str:
        [block] = re.findall(r"```sh\n(.*?)```", STEPS[step], re.DOTALL)
        outputs = [
            subprocess.run(
                [sys.executable, "-m", "ops.cli", *words],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "ZAKLIK_PASSPHRASE": PASSPHRASE},
                capture_output=True,
                text=True,
                # The answer to the command that asks before it sends.
                input="y\n",
                check=True,
            ).stdout
            for program, *words in map(shlex.split, block.splitlines())
            if program == PROGRAM
        ]
        assert outputs
        return "".join(outputs)

    return run


def follow_step(visitor: Visitor, step: str) -> None:
    """Press and check the words of a step in order, and fill in fields."""
    page = visitor.page
    for words in _WORDS.finditer(STEPS[step]):
        for field, typed in (("#name", "Hanna"), ("#email", EMAIL)):
            if page.locator(field).is_visible():
                page.fill(field, typed)
        if words["visible"]:
            shown = page.get_by_text(words["visible"]).locator("visible=true")
            expect(shown.first).to_be_visible()
            continue
        name = words["pressed"]
        link = page.get_by_role("link", name=name, exact=True)
        button = page.get_by_role("button", name=name, exact=True)
        tick = page.get_by_role("checkbox", name=name)
        link.or_(button).or_(tick).click()


def test_the_tour_works_as_written(
    arrive: Callable[..., Visitor],
    service: LocalRun,
    run_commands: Callable[[str], str],
    tmp_path: Path,
) -> None:
    visitor = arrive()

    [address] = re.findall(r"<(http://\S+)>", STEPS["Start"])
    visitor.go(address.removeprefix(ADDRESS))
    follow_step(visitor, "Sign")
    visitor.go(visitor.link_in(visitor.mail_to(EMAIL)))
    follow_step(visitor, "Confirm")
    eventually(lambda: service.count() == 1)
    follow_step(visitor, "Count")
    assert "1 signature confirmed" in run_commands("Count")
    visitor.mail_to(EMAIL, count=WITH_WELCOME)

    run_commands("Send news")
    assert "/unsubscribe/" in visitor.mail_to(EMAIL, count=3)["text"]

    run_commands("Export and open")
    assert EMAIL in (tmp_path / "signatures.csv").read_text("utf-8")

    visitor.go(visitor.path())
    follow_step(visitor, "Ask for your own page")
    visitor.go(visitor.link_in(visitor.mail_to(EMAIL, count=4)))
    follow_step(visitor, "Withdraw")
    eventually(lambda: service.count() == 0)
    assert "0 signatures confirmed" in run_commands("Withdraw")


def test_the_clock_of_the_tour_expires_a_link(
    arrive: Callable[..., Visitor], service: LocalRun
) -> None:
    visitor = arrive()
    visitor.ask_to_sign(EMAIL)
    link = visitor.link_in(visitor.mail_to(EMAIL))
    [block] = re.findall(r"```sh\n(.*?)```", STEPS["Move the clock"], re.DOTALL)
    _, _, field, url = shlex.split(block)

    response = service.post(url.removeprefix(ADDRESS), dict([field.split("=")]))

    assert response.status == 200
    assert service.get(link.removeprefix(service.url.rstrip("/"))).status == 410
