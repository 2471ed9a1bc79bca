"""An amendment in a browser: refused without a reason, then shown with both texts."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ops.local.petition_folders import PETITIONS
from tests.browser.visitors import SLUG, Visitor
from tests.ops.local.conftest import LocalRun

LANGUAGES = ("en", "be", "ru")


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[LocalRun]:
    """A service whose petition no other test sees."""
    running = LocalRun(tmp_path / "state", "0")
    yield running
    assert running.end(signal.SIGTERM) == 0


def test_a_signed_text_changes_only_by_an_amendment_that_its_page_shows(
    own_service: LocalRun, browser: Browser, tmp_path: Path
) -> None:
    service = own_service
    folder = tmp_path / SLUG
    shutil.copytree(PETITIONS / SLUG, folder)
    visitors = [
        Visitor.arrive(service, browser, language=code, width=390, javascript=False)
        for code in LANGUAGES
    ]
    visitors[0].sign("before@example.org")
    for code in LANGUAGES:
        text = folder / f"{code}.md"
        text.write_text(text.read_text("utf-8").replace("\n## 1. ", "\n## 1. Amended: "), "utf-8")

    refused = service.run("petition", "publish", folder)
    assert refused.returncode != 0
    assert "--amend" in refused.stderr
    assert "{+Amended:+}" in refused.stdout
    assert "Amended: " not in service.get(visitors[0].path()).data.decode()
    reasons = ("--amend", "Asked for", "--reason", "be", "Так", "--reason", "ru", "Да")
    amended = service.run("petition", "publish", folder, *reasons)
    assert amended.returncode == 0, amended.stderr

    for visitor, reason in zip(visitors, ("Asked for", "Так", "Да"), strict=True):
        visitor.go(visitor.path())
        notice = visitor.page.locator(f'main a[href="{visitor.path("amendments", "1")}"]').first
        expect(visitor.page.locator("main")).to_contain_text(reason)
        notice.click()
        expect(visitor.page.locator("main ins").first).to_contain_text("Amended:")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390
        visitor.leave()
